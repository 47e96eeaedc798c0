//! `gen_ai.evaluation.result`, an event of a span or of the logs, as a score.

use crate::attributes::Attributes;
use crate::id;
use crate::proto::KeyValue;
use crate::value::{filled, number};
use assay_model::{Score, ScoreSource, ScoreType, Timestamp};

/// The event's name.
pub(crate) const RESULT: &str = "gen_ai.evaluation.result";

pub(crate) const VALUE: &str = "gen_ai.evaluation.score.value";
pub(crate) const LABEL: &str = "gen_ai.evaluation.score.label";

/// What was evaluated, and when.
pub(crate) struct Subject<'a> {
    pub(crate) trace_id: &'a str,
    pub(crate) observation_id: Option<&'a str>,
    pub(crate) environment: Option<&'a str>,
    pub(crate) time: Timestamp,
    /// The event's own time, as it was sent.
    pub(crate) nanos: u64,
}

/// The score of an event with these attributes; the attributes when they hold neither a number nor a label.
///
/// A number is the score and its label stays in the metadata, with all that has no field of its own.
pub(crate) fn score(list: Vec<KeyValue>, subject: &Subject<'_>) -> Result<Score, Vec<KeyValue>> {
    let mut a = Attributes::new(list);
    let value = a.take_as(VALUE, number);
    let label = if value.is_none() {
        a.take_text(&[LABEL])
    } else {
        None
    };
    if value.is_none() && label.is_none() {
        return Err(a.into_list());
    }
    let name = a
        .take_text(&["gen_ai.evaluation.name"])
        .unwrap_or_else(|| "evaluation".to_owned());
    let id = id::stable(
        &[
            subject.trace_id.as_bytes(),
            subject.observation_id.unwrap_or_default().as_bytes(),
            name.as_bytes(),
            &subject.nanos.to_le_bytes(),
        ],
        32,
    );
    Ok(Score {
        id,
        trace_id: subject.trace_id.to_owned(),
        observation_id: subject.observation_id.map(ToOwned::to_owned),
        name,
        data_type: if value.is_some() {
            ScoreType::Numeric
        } else {
            ScoreType::Categorical
        },
        value,
        string_value: label,
        source: ScoreSource::Eval,
        comment: a.take_text(&["gen_ai.evaluation.explanation"]),
        environment: subject.environment.map(ToOwned::to_owned),
        timestamp: subject.time,
        metadata: filled(a.into_rest()),
        ..Score::default()
    })
}
