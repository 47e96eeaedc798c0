//! Rules of online evaluation.

use crate::metrics;
use crate::resource::Resource;
use assay_edge::Problem;
use assay_edge::traces::{Source, check_filter};
use assay_graph::protocol::MetricList;
use assay_model::EvaluationRuleSpec;

/// Rules of online evaluation.
pub(crate) struct EvaluationRules;

impl Resource for EvaluationRules {
    type Spec = EvaluationRuleSpec;
    const TABLE: &'static str = "evaluation_rules";
    const NOUN: &'static str = "evaluation rule";

    fn name(spec: &EvaluationRuleSpec) -> &str {
        &spec.name
    }

    fn description(spec: &EvaluationRuleSpec) -> &str {
        &spec.description
    }

    fn metrics(spec: &EvaluationRuleSpec) -> Vec<MetricList> {
        metrics::list("/metrics".into(), &spec.metrics)
            .into_iter()
            .collect()
    }

    /// None while it is off: a rule whose judge is gone can be switched off, and on again only with another.
    fn models(spec: &EvaluationRuleSpec) -> Vec<(String, &str)> {
        if !spec.enabled {
            return Vec::new();
        }
        let first = spec.judge_model_id.iter();
        let panel = spec.judging.panel.iter().enumerate();
        first
            .map(|id| ("/judge_model_id".to_owned(), id.as_str()))
            .chain(panel.map(|(i, id)| (format!("/judging/panel/{i}"), id.as_str())))
            .collect()
    }

    fn check(spec: &EvaluationRuleSpec) -> Result<(), Problem> {
        let filter = spec.conditions().map_err(Problem::validation)?;
        // The store names it as a list's parameter; here it is in a body.
        check_filter(Source::Traces, &filter).map_err(|problem| {
            problem.map_errors(|mut errors| {
                for e in &mut errors {
                    e.field.insert(0, '/');
                }
                errors
            })
        })
    }
}
