//! One record of a native batch: read, checked, or refused with the reason.

use assay_edge::new_id;
use assay_edge::traces::check;
use assay_model::{Batch, FieldError, Observation, Score, Trace, Validator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Trace,
    Observation,
    Score,
}

/// A record that is not kept.
#[derive(Debug, Serialize)]
pub(crate) struct Rejected {
    /// Which record of the request, from 0: in the order of traces, observations, scores; or the line.
    pub(crate) index: usize,
    /// Why, in one line.
    pub(crate) reason: String,
    /// Why, field by field, with pointers into the body.
    pub(crate) errors: Vec<FieldError>,
}

/// What comes of a request.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) batch: Batch,
    pub(crate) accepted: usize,
    pub(crate) rejected: Vec<Rejected>,
}

impl Records {
    /// Refuses the record at `index`; the errors' fields are below `place`.
    pub(crate) fn reject(&mut self, index: usize, place: &str, errors: Vec<FieldError>) {
        let errors: Vec<_> = errors
            .into_iter()
            .map(|e| FieldError {
                field: format!("{place}{}", e.field),
                message: e.message,
            })
            .collect();
        let reason: Vec<_> = errors
            .iter()
            .map(|e| format!("{} {}", e.field, e.message))
            .collect();
        self.rejected.push(Rejected {
            index,
            reason: reason.join("; "),
            errors,
        });
    }

    /// Reads and checks the record at `index`; `place` is its pointer in the body.
    pub(crate) fn add(&mut self, index: usize, place: &str, kind: Kind, record: Value) {
        let outcome = match kind {
            Kind::Trace => read(record, check::trace).map(|t: Trace| self.batch.traces.push(t)),
            Kind::Observation => read(record, check::observation)
                .map(|o: Observation| self.batch.observations.push(o)),
            Kind::Score => {
                let checked = |v: &mut Validator, s: &Score| {
                    // Without an id it is a new score.
                    let id = if s.id.is_empty() { "new" } else { &s.id };
                    check::score(
                        v,
                        &Score {
                            id: id.to_owned(),
                            metadata: Value::Null,
                            ..s.clone()
                        },
                    );
                };
                read(record, checked).map(|mut s: Score| {
                    if s.id.is_empty() {
                        s.id = new_id();
                    }
                    self.batch.scores.push(s);
                })
            }
        };
        match outcome {
            Ok(()) => self.accepted += 1,
            Err(errors) => self.reject(index, place, errors),
        }
    }
}

fn read<T: DeserializeOwned>(
    record: Value,
    check: impl Fn(&mut Validator, &T),
) -> Result<T, Vec<FieldError>> {
    let record: T = serde_path_to_error::deserialize(record).map_err(|e| {
        let path = e.path().to_string();
        let field = if path == "." {
            String::new()
        } else {
            format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
        };
        vec![FieldError {
            field,
            message: e.into_inner().to_string(),
        }]
    })?;
    let mut v = Validator::default();
    check(&mut v, &record);
    v.finish().map(|()| record)
}
