//! One record of a native batch: read, checked, or refused with the reason.

use assay_edge::new_id;
use assay_edge::traces::check;
use assay_model::{Batch, FieldError, Observation, Score, Trace, Validator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

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
        if let Err(errors) = refuse_unknown(&record, kind) {
            self.reject(index, place, errors);
            return;
        }
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

/// The fields that a record of each kind may have.
static FIELDS: LazyLock<[BTreeSet<String>; 3]> = LazyLock::new(|| {
    [
        fields_of(&Trace::default()),
        fields_of(&Observation::default()),
        fields_of(&Score::default()),
    ]
});

fn fields_of<T: Serialize>(empty: &T) -> BTreeSet<String> {
    match serde_json::to_value(empty) {
        Ok(Value::Object(map)) => map.into_iter().map(|(field, _)| field).collect(),
        _ => BTreeSet::new(),
    }
}

/// Names what nobody would read: a field that is misspelt must not be lost in silence.
fn refuse_unknown(record: &Value, kind: Kind) -> Result<(), Vec<FieldError>> {
    let [trace, observation, score] = &*FIELDS;
    let known = match kind {
        Kind::Trace => trace,
        Kind::Observation => observation,
        Kind::Score => score,
    };
    // A list would be taken for the fields in their order.
    let Some(map) = record.as_object() else {
        return Err(vec![FieldError {
            field: String::new(),
            message: "must be an object".to_owned(),
        }]);
    };
    let unknown: Vec<FieldError> = map
        .keys()
        .filter(|field| !known.contains(*field))
        .map(|field| FieldError {
            field: format!("/{}", field.replace('~', "~0").replace('/', "~1")),
            message: "is not a field of this record".to_owned(),
        })
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(unknown)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn refused(kind: Kind, record: Value, fields: &[&str]) {
        let mut records = Records::default();
        records.add(0, "/x/0", kind, record);
        let found: Vec<_> = records
            .rejected
            .iter()
            .flat_map(|r| &r.errors)
            .map(|e| e.field.as_str())
            .collect();
        assert_eq!(found, fields);
        assert_eq!(records.accepted, usize::from(fields.is_empty()));
    }

    #[test]
    fn every_field_that_is_wrong_or_unknown_is_named() {
        let o = |own: Value| {
            let mut record = json!({"id": "o", "trace_id": "t", "name": "n"});
            record
                .as_object_mut()
                .unwrap()
                .extend(own.as_object().unwrap().clone());
            record
        };
        let observation = |own: Value, fields: &[&str]| refused(Kind::Observation, o(own), fields);
        observation(
            json!({"type": "TOOL", "usage": {"input": 1, "output": 2}, "end_time": null}),
            &[],
        );
        observation(json!({"ouput": 1, "a/b": 2}), &["/x/0/a~1b", "/x/0/ouput"]);
        let beyond = json!({"input": 9_223_372_036_854_775_808_u64, "output": 0});
        observation(json!({"usage": beyond}), &["/x/0/usage/input"]);
        observation(json!({"cost_usd": "NaN"}), &["/x/0/cost_usd"]);
        observation(json!({"cost_usd": -1}), &["/x/0/cost_usd"]);
        refused(Kind::Trace, json!({"id": "t", "user": "u"}), &["/x/0/user"]);
        refused(
            Kind::Score,
            json!({"trace_id": "t", "name": "n", "value": 1, "note": ""}),
            &["/x/0/note"],
        );
        refused(Kind::Trace, json!([]), &["/x/0"]);
    }
}
