//! What a run plays: an item of a dataset, or a scenario with those that it names.

use crate::fields::State;
use assay_graph::protocol::RunItem;
use assay_model::{MetricSpec, Role};
use serde_json::{Map, Value, json};

/// What a run plays.
#[derive(Debug, Clone)]
pub struct Course {
    /// The run.
    pub run_id: String,
    /// Which repetition of the item, from 0.
    pub repetition: u32,
    /// Passed to models that take one.
    pub seed: u64,
    /// What it is about.
    pub item: RunItem,
    /// Metrics of the campaign.
    pub metrics: Vec<MetricSpec>,
    /// Most turns of the user, as the campaign has it.
    pub max_turns: u32,
    /// Tries of one call, as the campaign has it.
    pub max_attempts: u32,
    /// What came with what started the campaign.
    pub trigger: Value,
}

impl Course {
    /// Most turns of the user in one conversation. A script is played to its end: the bound is for users who would never stop.
    #[must_use]
    pub fn turn_limit(&self) -> u32 {
        let own = self.item.scenario.as_ref().and_then(|s| s.max_turns);
        let scripted = u32::try_from(self.item.item.turns.len()).unwrap_or(u32::MAX);
        own.unwrap_or(self.max_turns)
            .min(self.max_turns)
            .max(scripted)
    }

    /// Metrics of the run: the campaign's, then the item's own; one whose name is taken is numbered.
    #[must_use]
    pub fn all_metrics(&self) -> Vec<MetricSpec> {
        numbered(self.metrics.iter().chain(&self.item.item.metrics))
    }

    /// What templates and expressions may name: the variables, and what the run knows of itself.
    pub(crate) fn names(&self, state: &State) -> Value {
        let mut names: Map<String, Value> = state.vars.clone();
        let text = |role| state.last(role).map_or("", |m| m.content.as_str());
        let scores: Map<String, Value> = state
            .scores
            .iter()
            .map(|s| (s.name.clone(), json!(s.score)))
            .collect();
        names.extend([
            ("answer".to_owned(), json!(text(Role::Assistant))),
            ("facts".to_owned(), Value::Object(state.facts.clone())),
            ("input".to_owned(), json!(text(Role::User))),
            ("item".to_owned(), json!(self.item.item)),
            ("messages".to_owned(), json!(state.messages)),
            ("repetition".to_owned(), json!(self.repetition)),
            ("run_id".to_owned(), json!(self.run_id)),
            ("scores".to_owned(), Value::Object(scores)),
            ("seed".to_owned(), json!(self.seed)),
            ("turns".to_owned(), json!(state.user_turns)),
        ]);
        Value::Object(names)
    }
}

/// Metrics, each with a name of its own.
pub(crate) fn numbered<'m>(metrics: impl IntoIterator<Item = &'m MetricSpec>) -> Vec<MetricSpec> {
    let mut all: Vec<MetricSpec> = Vec::new();
    for metric in metrics {
        let name = metric.display_name();
        let numbers = format!("{name} #");
        let taken = all
            .iter()
            .map(MetricSpec::display_name)
            .filter(|other| *other == name || other.starts_with(&numbers))
            .count();
        let mut metric = metric.clone();
        if taken > 0 {
            metric.name = Some(format!("{name} #{}", taken + 1));
        }
        all.push(metric);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::MetricKind;

    #[test]
    fn each_metric_gets_a_name_of_its_own() {
        let contains = MetricSpec::of(MetricKind::Contains);
        let named: Vec<String> = numbered([&contains, &contains, &contains])
            .iter()
            .map(|m| m.display_name().to_owned())
            .collect();
        assert_eq!(named, ["contains", "contains #2", "contains #3"]);
    }
}
