//! A compiled policy, and the fields of a batch that it is applied to.

use crate::mark::Marks;
use crate::policy::{Field, Policy};
use crate::rule::{self, Compiled, Effect, Search};
use crate::walk::{Fate, Plan, Walk};
use assay_model::{
    Batch, ExperimentLink, FieldError, Observation, Score, ScoreType, Trace, Validate,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The shortest salt, in bytes: a guessable one makes hashes as good as the values.
const MIN_SALT: usize = 16;

/// How many values each rule has found, by its name; rules that found none are absent.
pub type Counts = BTreeMap<String, u64>;

/// A policy, compiled. It holds no data of requests and may be shared.
#[derive(Clone)]
pub struct Redactor {
    names: Vec<String>,
    rules: Vec<Compiled>,
    plans: BTreeMap<Field, Plan>,
    /// For comments: every rule over text, whatever its fields.
    comments: Plan,
    marks: Marks,
    salt: Vec<u8>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Redactor {
    /// Compiles a policy. `salt` is the workspace's secret for hashes, at least 16 bytes where a rule hashes.
    ///
    /// # Errors
    /// The wrong fields of the policy, or one without a name when the salt is too short.
    pub fn new(policy: &Policy, salt: &[u8]) -> Result<Self, Vec<FieldError>> {
        policy.validate()?;
        let error = |field: String, message: String| vec![FieldError { field, message }];
        let rules =
            rule::compile_all(policy).map_err(|(i, why)| error(format!("/rules/{i}/kind"), why))?;
        let marks = Marks::new(
            rules.iter().filter_map(|rule| match &rule.effect {
                Effect::Put(text) => Some(text.clone()),
                _ => None,
            }),
            rules.iter().any(|r| matches!(r.effect, Effect::Hash)),
        );
        if marks.hashes() && salt.len() < MIN_SALT {
            return Err(error(
                String::new(),
                format!("hashes need a salt of at least {MIN_SALT} bytes"),
            ));
        }
        let mut plans: BTreeMap<Field, Plan> = BTreeMap::new();
        let mut comments = Plan::default();
        for (index, (rule, compiled)) in policy.rules.iter().zip(&rules).enumerate() {
            let text = matches!(compiled.search, Search::Text(_));
            for field in &rule.fields {
                let plan = plans.entry(*field).or_default();
                if text {
                    plan.texts.push(index);
                } else {
                    plan.places.push(index);
                }
            }
            if text {
                comments.texts.push(index);
            }
        }
        Ok(Self {
            names: policy.rules.iter().map(|rule| rule.name.clone()).collect(),
            rules,
            plans,
            comments,
            marks,
            salt: salt.to_vec(),
        })
    }

    /// Redacts a batch in place, and says how much each rule has found.
    ///
    /// Besides the fields of traces and observations: of an observation's experiment, the reference answer counts as
    /// output, both metadata and the description as metadata, the name as name. Of a score, the comment is under every
    /// pattern and class of the policy whatever its fields; the metadata counts as metadata, the session as session, and
    /// the value of a text or a correction as output. Ids, models, environments and versions are never touched.
    pub fn batch(&self, batch: &mut Batch) -> Counts {
        if self.rules.is_empty() {
            return Counts::new();
        }
        let mut pass = self.pass();
        batch.traces.iter_mut().for_each(|t| pass.trace(t));
        batch
            .observations
            .iter_mut()
            .for_each(|o| pass.observation(o));
        batch.scores.iter_mut().for_each(|s| pass.score(s));
        self.names
            .iter()
            .cloned()
            .zip(pass.walk.counts)
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Redacts a text that a person wrote, as the comment of a score. `None` where it is to go as a whole.
    #[must_use]
    pub fn text(&self, text: String) -> Option<String> {
        self.pass().planned(&self.comments, text)
    }

    fn pass(&self) -> Pass<'_> {
        Pass {
            redactor: self,
            walk: Walk {
                rules: &self.rules,
                marks: &self.marks,
                salt: &self.salt,
                counts: vec![0; self.rules.len()],
            },
        }
    }
}

/// One batch on its way through.
struct Pass<'a> {
    redactor: &'a Redactor,
    walk: Walk<'a>,
}

impl<'a> Pass<'a> {
    fn plan(&self, field: Field) -> Option<&'a Plan> {
        self.redactor.plans.get(&field)
    }

    fn json(&mut self, field: Field, value: &mut Value) {
        let Some(plan) = self.plan(field) else {
            return;
        };
        if !value.is_null() && self.walk.field(plan, value) == Fate::Dropped {
            *value = Value::Null;
        }
    }

    /// `None` when the text is to go.
    fn planned(&mut self, plan: &Plan, text: String) -> Option<String> {
        if plan.is_empty() || text.is_empty() {
            return Some(text);
        }
        let mut value = Value::String(text);
        let fate = self.walk.field(plan, &mut value);
        match value {
            Value::String(text) if fate != Fate::Dropped => Some(text),
            _ => None,
        }
    }

    fn text(&mut self, field: Field, text: &mut String) {
        if let Some(plan) = self.plan(field) {
            let taken = std::mem::take(text);
            *text = self.planned(plan, taken).unwrap_or_default();
        }
    }

    fn option(&mut self, field: Field, text: &mut Option<String>) {
        if let Some(plan) = self.plan(field) {
            *text = text.take().and_then(|text| self.planned(plan, text));
        }
    }

    fn tags(&mut self, tags: &mut Vec<String>) {
        if tags.is_empty() || self.plan(Field::Tags).is_none() {
            return;
        }
        let mut value = Value::from(std::mem::take(tags));
        self.json(Field::Tags, &mut value);
        *tags = match value {
            Value::Array(list) => list
                .into_iter()
                .filter_map(|tag| match tag {
                    Value::String(text) => Some(text),
                    _ => None,
                })
                .collect(),
            Value::String(text) => vec![text],
            _ => Vec::new(),
        };
    }

    fn trace(&mut self, t: &mut Trace) {
        self.option(Field::Name, &mut t.name);
        self.option(Field::UserId, &mut t.user_id);
        self.option(Field::SessionId, &mut t.session_id);
        self.json(Field::Input, &mut t.input);
        self.json(Field::Output, &mut t.output);
        self.json(Field::Metadata, &mut t.metadata);
        self.tags(&mut t.tags);
    }

    fn observation(&mut self, o: &mut Observation) {
        self.text(Field::Name, &mut o.name);
        self.option(Field::StatusMessage, &mut o.status_message);
        self.json(Field::Input, &mut o.input);
        self.json(Field::Output, &mut o.output);
        self.json(Field::ModelParameters, &mut o.model_parameters);
        self.json(Field::Metadata, &mut o.metadata);
        if let Some(experiment) = &mut o.experiment {
            self.experiment(experiment);
        }
    }

    fn experiment(&mut self, e: &mut ExperimentLink) {
        self.option(Field::Name, &mut e.name);
        self.option(Field::Metadata, &mut e.description);
        self.json(Field::Metadata, &mut e.metadata);
        self.json(Field::Metadata, &mut e.item_metadata);
        self.json(Field::Output, &mut e.expected_output);
    }

    fn score(&mut self, s: &mut Score) {
        let comments = &self.redactor.comments;
        s.comment = s.comment.take().and_then(|c| self.planned(comments, c));
        self.option(Field::SessionId, &mut s.session_id);
        self.json(Field::Metadata, &mut s.metadata);
        if matches!(s.data_type, ScoreType::Text | ScoreType::Correction) {
            self.option(Field::Output, &mut s.string_value);
        }
    }
}
