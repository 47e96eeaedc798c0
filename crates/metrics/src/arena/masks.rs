//! The order in which a judge sees contestants, and the names under which it does.

use assay_model::ContestSpec;
use assay_stats::bootstrap::Chance;
use serde_json::Value;

/// Names that tell nothing.
const ALIASES: [&str; 16] = [
    "Alder", "Aspen", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Holly", "Juniper", "Larch",
    "Maple", "Oak", "Pine", "Rowan", "Spruce", "Willow",
];

/// Contestants, by their places in the spec, in the order in which a judge sees them, each with its alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Round(Vec<(String, usize)>);

impl Round {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(alias, at)| (alias.as_str(), *at))
    }

    /// The place of the contestant that has this alias.
    pub(super) fn find(&self, alias: &str) -> Option<usize> {
        let mut all = self.iter();
        all.find(|(own, _)| own.eq_ignore_ascii_case(alias))
            .map(|(_, at)| at)
    }
}

/// What the judge sees, by the contest's seed: one order, or of two contestants both, with the aliases at the same places, so that neither
/// place nor alias can make the difference. `seen` is what it sees of each contestant.
pub(super) fn rounds(spec: &ContestSpec, seen: &[Value]) -> Vec<Round> {
    let mut chance = Chance::new(spec.seed);
    let mut order: Vec<usize> = (0..spec.contestants.len()).collect();
    shuffle(&mut order, &mut chance);
    let aliases = aliases(spec, seen, &mut chance);
    let round =
        |order: &[usize]| Round(aliases.iter().cloned().zip(order.iter().copied()).collect());
    let mut rounds = vec![round(&order)];
    if order.len() == 2 {
        order.reverse();
        rounds.push(round(&order));
    }
    rounds
}

/// An alias for each contestant, which stands in nothing that was said: in a reason it would be taken for the contestant's.
fn aliases(spec: &ContestSpec, seen: &[Value], chance: &mut Chance) -> Vec<String> {
    let mut said: String = seen.iter().map(Value::to_string).collect();
    for contestant in &spec.contestants {
        said.push_str(&contestant.name);
        said.push_str(&contestant.case.input);
        said.push_str(
            contestant
                .case
                .expected_output
                .as_deref()
                .unwrap_or_default(),
        );
    }
    let said = said.to_lowercase();
    let mut known: Vec<String> = ALIASES.iter().map(|&alias| alias.to_owned()).collect();
    shuffle(&mut known, chance);
    // There are more numbers than can have been said.
    let numbered = (1..u64::MAX).map(|n| format!("Contestant{n}"));
    let all = known.into_iter().chain(numbered);
    let fresh = all.filter(|alias| !said.contains(&alias.to_lowercase()));
    fresh.take(spec.contestants.len()).collect()
}

/// Fisher and Yates's shuffle.
fn shuffle<T>(items: &mut [T], chance: &mut Chance) {
    for last in (1..items.len()).rev() {
        items.swap(last, chance.place(last + 1));
    }
}
