//! The runs that a document for people shows: bounded, whatever the size of the campaign.

use super::text::clip;
use assay_model::{ItemOutcome, MetricStatus, RunStatus};
use std::collections::HashMap;

/// Longest text of a run that is kept, in characters.
pub(crate) const MAX_TEXT: usize = 4_000;

/// The runs so far.
pub(crate) struct Selection {
    most: usize,
    /// Runs that did not pass, in the campaign's order.
    first: Vec<(u64, ItemOutcome)>,
    /// Those that passed.
    rest: Vec<(u64, ItemOutcome)>,
    most_worst: usize,
    worst: Vec<ItemOutcome>,
    items: HashMap<String, (u64, u64)>,
    seen: u64,
}

/// What is shown.
pub(crate) struct Shown {
    /// Runs in the campaign's order.
    pub(crate) runs: Vec<ItemOutcome>,
    /// How many there are.
    pub(crate) total: u64,
    /// The worst run of each of the worst items, with how many runs the item has and how many of them failed.
    pub(crate) worst: Vec<(ItemOutcome, u64, u64)>,
}

impl Selection {
    /// At most so many runs, and so many items among the worst.
    pub(crate) fn new(most: usize, most_worst: usize) -> Self {
        Self {
            most,
            first: Vec::new(),
            rest: Vec::new(),
            most_worst,
            worst: Vec::new(),
            items: HashMap::new(),
            seen: 0,
        }
    }

    /// One more run.
    pub(crate) fn add(&mut self, mut run: ItemOutcome) {
        self.seen += 1;
        cut(&mut run);
        let counts = self.items.entry(item(&run)).or_default();
        counts.0 += 1;
        if run.status == RunStatus::Failed {
            counts.1 += 1;
            self.weigh(&run);
        }
        let list = if run.status == RunStatus::Passed {
            &mut self.rest
        } else {
            &mut self.first
        };
        if list.len() < self.most {
            list.push((self.seen, run));
        }
    }

    /// Keeps the run where it is among the worst; one an item.
    fn weigh(&mut self, run: &ItemOutcome) {
        let same = item(run);
        if let Some(known) = self.worst.iter_mut().find(|w| item(w) == same) {
            if badness(run) > badness(known) {
                *known = run.clone();
            }
        } else {
            self.worst.push(run.clone());
        }
        // Stable: of equals the earlier stays.
        self.worst.sort_by(|a, b| {
            badness(b)
                .partial_cmp(&badness(a))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        self.worst.truncate(self.most_worst);
    }

    /// What is shown: first those that did not pass, then as many of the others as there is room for.
    pub(crate) fn finish(self) -> Shown {
        let mut runs = self.first;
        let room = self.most.saturating_sub(runs.len());
        runs.extend(self.rest.into_iter().take(room));
        runs.sort_by_key(|(at, _)| *at);
        let items = self.items;
        Shown {
            runs: runs.into_iter().map(|(_, run)| run).collect(),
            total: self.seen,
            worst: self
                .worst
                .into_iter()
                .map(|run| {
                    let (all, failed) = items.get(&item(&run)).copied().unwrap_or_default();
                    (run, all, failed)
                })
                .collect(),
        }
    }
}

impl Shown {
    /// Runs that the campaign has and the document does not.
    pub(crate) fn missing(&self) -> u64 {
        self.total.saturating_sub(self.runs.len() as u64)
    }
}

/// What repetitions are of: an item under an agent and a persona.
fn item(run: &ItemOutcome) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    format!(
        "{}\u{0}{}\u{0}{:?}\u{0}{}",
        run.item_key,
        part(&run.agent_id),
        run.agent_version,
        part(&run.persona_id)
    )
}

/// How many metrics failed, then by how much altogether.
fn badness(run: &ItemOutcome) -> (usize, f64) {
    let failed = run
        .scores
        .iter()
        .filter(|s| s.status == MetricStatus::Failed);
    failed.fold((0, 0.0), |(count, sum), s| {
        (
            count + 1,
            sum + (s.threshold - s.score.unwrap_or_default()).max(0.0),
        )
    })
}

/// Leaves of a run what is shown.
fn cut(run: &mut ItemOutcome) {
    let texts = [&mut run.input, &mut run.output, &mut run.expected_output];
    texts.into_iter().flatten().for_each(shorten);
    if let Some(error) = &mut run.error {
        shorten(&mut error.message);
    }
    for score in &mut run.scores {
        score.judge_answers = Vec::new();
        score.raw_verdict = None;
        shorten(&mut score.reason);
    }
}

fn shorten(text: &mut String) {
    // In bytes: most texts are short, and need not be counted.
    if text.len() > MAX_TEXT {
        *text = clip(text, MAX_TEXT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn what_did_not_pass_comes_before_what_did() {
        let mut selection = Selection::new(4, 2);
        for i in 0..10 {
            selection.add(fixtures::passed(&format!("p{i}")));
        }
        for i in 0..3 {
            selection.add(fixtures::failed(&format!("f{i}")));
        }
        let shown = selection.finish();
        let keys: Vec<&str> = shown.runs.iter().map(|r| r.item_key.as_str()).collect();
        assert_eq!(keys, ["p0", "f0", "f1", "f2"]);
        assert_eq!(shown.total, 13);
        assert_eq!(shown.worst.len(), 2);
    }

    #[test]
    fn an_item_is_among_the_worst_once() {
        let mut selection = Selection::new(10, 5);
        let mut mild = fixtures::failed("a");
        mild.scores[0].score = Some(0.9);
        let mut other = fixtures::failed("b");
        other.scores[0].score = Some(0.5);
        for run in [
            mild.clone(),
            other,
            fixtures::failed("a"),
            fixtures::passed("a"),
        ] {
            selection.add(run);
        }
        let shown = selection.finish();
        let worst: Vec<(&str, Option<f64>, u64, u64)> = shown
            .worst
            .iter()
            .map(|(r, all, failed)| (r.item_key.as_str(), r.scores[0].score, *all, *failed))
            .collect();
        assert_eq!(worst, [("a", Some(0.0), 3, 2), ("b", Some(0.5), 1, 1)]);
    }

    #[test]
    fn huge_texts_are_let_go_of() {
        let mut selection = Selection::new(1, 1);
        let mut run = fixtures::failed("a");
        run.output = Some("ü".repeat(3_000_000));
        run.scores[0].raw_verdict = Some("x".repeat(1_000_000));
        selection.add(run);
        let shown = selection.finish();
        let text = serde_json::to_string(&shown.runs).unwrap();
        assert!(text.len() < 20_000, "{}", text.len());
    }
}
