//! What a workspace lets in: secrets and personal data are taken out, and of all traces a part is kept.

use crate::{Policy, Redactor};
use assay_model::sampling::fraction;
use assay_model::{Batch, FieldError, Validate, Validator};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Longest time that traces are kept when a policy says how long, in days.
const MAX_DAYS: u32 = 36_500;

/// A workspace's policy of ingestion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestPolicy {
    /// What is taken out.
    #[serde(default)]
    pub redaction: Policy,
    /// Which part of all traces is kept, 0 to 1, chosen by the trace's id.
    #[serde(default = "all")]
    pub sampling_rate: f64,
    /// How long traces are kept, in days from when they began; for ever when absent.
    #[serde(default)]
    pub retention_days: Option<u32>,
}

const fn all() -> f64 {
    1.0
}

impl Default for IngestPolicy {
    fn default() -> Self {
        Self {
            redaction: Policy::default(),
            sampling_rate: all(),
            retention_days: None,
        }
    }
}

impl Validate for IngestPolicy {
    fn check(&self, v: &mut Validator) {
        v.at("redaction", |v| self.redaction.check(v));
        v.range("sampling_rate", self.sampling_rate, 0.0, 1.0);
        if let Some(days) = self.retention_days {
            v.range("retention_days", days, 1, MAX_DAYS);
        }
    }
}

/// A policy, ready to be applied to what comes in.
#[derive(Debug, Clone)]
pub struct Gate {
    redactor: Option<Redactor>,
    sampling_rate: f64,
}

impl Gate {
    /// Lets everything in as it is.
    pub const OPEN: Self = Self {
        redactor: None,
        sampling_rate: all(),
    };

    /// Compiles a policy. `salt` is the workspace's secret for hashes.
    ///
    /// # Errors
    /// As [`Redactor::new`].
    pub fn new(policy: &IngestPolicy, salt: &[u8]) -> Result<Self, Vec<FieldError>> {
        let redactor = if policy.redaction.rules.is_empty() {
            None
        } else {
            Some(Redactor::new(&policy.redaction, salt)?)
        };
        Ok(Self {
            redactor,
            sampling_rate: policy.sampling_rate,
        })
    }

    /// What takes things out, where anything is to be taken out.
    #[must_use]
    pub const fn redactor(&self) -> Option<&Redactor> {
        self.redactor.as_ref()
    }

    /// Whether the trace is among those that are kept: the same for all that is ever sent of it.
    #[must_use]
    pub fn keeps(&self, trace: &str) -> bool {
        if self.sampling_rate >= 1.0 || trace.is_empty() {
            return true;
        }
        fraction(&Sha256::digest(trace.as_bytes())) < self.sampling_rate
    }

    /// Takes out what is not to be stored.
    pub fn redact(&self, batch: &mut Batch) {
        if let Some(redactor) = &self.redactor {
            redactor.batch(batch);
        }
    }

    /// Leaves out traces that are not kept, with all that is said of them.
    pub fn sample(&self, batch: &mut Batch) {
        batch.traces.retain(|t| self.keeps(&t.id));
        batch.observations.retain(|o| self.keeps(&o.trace_id));
        batch.scores.retain(|s| self.keeps(&s.trace_id));
    }

    /// Both.
    pub fn apply(&self, batch: &mut Batch) {
        self.sample(batch);
        self.redact(batch);
    }

    /// A text that a person wrote, under every pattern and class of the policy. `None` where it is to go as a whole.
    #[must_use]
    pub fn text(&self, text: String) -> Option<String> {
        match &self.redactor {
            Some(redactor) => redactor.text(text),
            None => Some(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::Score;
    use serde_json::{Value, json};

    fn gate(policy: Value) -> Gate {
        let policy: IngestPolicy = serde_json::from_value(policy).unwrap();
        Gate::new(&policy, &[7; 32]).unwrap()
    }

    #[test]
    fn a_trace_is_kept_or_not_as_a_whole() {
        let gate = gate(json!({"sampling_rate": 0.5}));
        let scores = |n: usize| {
            (0..n).map(|i| Score {
                trace_id: format!("t{}", i / 2),
                ..Score::default()
            })
        };
        let mut batch = Batch {
            scores: scores(2000).collect(),
            ..Batch::default()
        };
        gate.sample(&mut batch);
        assert!(
            (800..1200).contains(&batch.scores.len()),
            "{}",
            batch.scores.len()
        );
        assert!(
            batch
                .scores
                .chunks(2)
                .all(|pair| pair[0].trace_id == pair[1].trace_id)
        );
        assert!(gate.keeps(""), "a score of a session has no trace");
    }

    #[test]
    fn texts_of_people_are_under_the_rules_over_text() {
        let rule = |action: &str| {
            json!({"redaction": {"rules": [
                {"name": "mail", "kind": {"type": "class", "class": "email"}, "fields": ["input"], "action": action},
            ]}})
        };
        let text = || "ask ann@example.com".to_owned();
        let masked = gate(rule("mask")).text(text());
        assert_eq!(masked.as_deref(), Some("ask [REDACTED:mail]"));
        assert_eq!(gate(rule("remove")).text(text()), None);
        assert_eq!(Gate::OPEN.text(text()), Some(text()));
    }

    #[test]
    fn bounds() {
        for (policy, field) in [
            (json!({"sampling_rate": 1.5}), "/sampling_rate"),
            (json!({"retention_days": 0}), "/retention_days"),
        ] {
            let policy: IngestPolicy = serde_json::from_value(policy).unwrap();
            assert_eq!(policy.validate().unwrap_err()[0].field, field);
        }
    }
}
