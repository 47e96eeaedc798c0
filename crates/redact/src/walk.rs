//! Values and texts under the rules of one field.

use crate::class::Facts;
use crate::json_text;
use crate::mark::{Marks, Shielded};
use crate::rule::{Compiled, Effect, Search};
use serde_json::Value;

/// How many JSON texts within JSON texts are entered; deeper ones are plain text.
pub(crate) const MAX_TEXTS: usize = 4;
/// How often the rules are applied to one text. Every round takes something out of it, and the second one commonly finds
/// nothing.
const MAX_ROUNDS: usize = 16;

/// What has become of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    Changed,
    /// It goes, and its holder sees to that.
    Dropped,
}

impl Fate {
    /// Takes up what has become of a part: a holder is never dropped for it.
    pub(crate) fn note(&mut self, part: Self) {
        if part != Self::Kept {
            *self = Self::Changed;
        }
    }
}

/// The rules that apply to one field, by their indices.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) places: Vec<usize>,
    pub(crate) texts: Vec<usize>,
}

impl Plan {
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.texts.is_empty()
    }
}

/// A walk through the values of a batch.
pub(crate) struct Walk<'a> {
    pub(crate) rules: &'a [Compiled],
    pub(crate) marks: &'a Marks,
    pub(crate) salt: &'a [u8],
    /// Findings by rule.
    pub(crate) counts: Vec<u64>,
}

impl Walk<'_> {
    /// Applies a plan to a whole field.
    pub(crate) fn field(&mut self, plan: &Plan, value: &mut Value) -> Fate {
        let mut fate = Fate::Kept;
        for index in &plan.places {
            let own = self.place(*index, value);
            if own == Fate::Dropped {
                return own;
            }
            fate.note(own);
        }
        if !plan.texts.is_empty() {
            match self.value(plan, value, MAX_TEXTS) {
                Fate::Dropped => return Fate::Dropped,
                own => fate.note(own),
            }
        }
        fate
    }

    /// Applies a rule that is a pointer.
    fn place(&mut self, index: usize, value: &mut Value) -> Fate {
        let Some(Compiled {
            search: Search::Place(pointer),
            effect,
        }) = self.rules.get(index)
        else {
            return Fate::Kept;
        };
        let (marks, salt) = (self.marks, self.salt);
        let mut found = 0;
        let fate = pointer.apply(value, MAX_TEXTS, &mut |value| {
            let text = match value {
                Value::Null => return Fate::Kept,
                Value::String(text) if marks.is_mark(text) && !matches!(effect, Effect::Drop) => {
                    return Fate::Kept;
                }
                Value::String(text) => std::mem::take(text),
                ref other => other.to_string(),
            };
            found += 1;
            match effect.mark(salt, &text) {
                Some(mark) => {
                    *value = Value::String(mark);
                    Fate::Changed
                }
                None => Fate::Dropped,
            }
        });
        self.count(index, found);
        fate
    }

    /// Applies the rules over text to every string and whole number within `value`.
    fn value(&mut self, plan: &Plan, value: &mut Value, depth: usize) -> Fate {
        let mut fate = Fate::Kept;
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                // Fractions are measurements; their digits only look like those of a card.
                if number.is_f64() {
                    return fate;
                }
                let mut text = number.to_string();
                fate = self.text(plan, &mut text, 0);
                if fate == Fate::Changed {
                    *value = Value::String(text);
                }
            }
            Value::String(text) => fate = self.text(plan, text, depth),
            Value::Array(list) => {
                for item in list {
                    let own = self.value(plan, item, depth);
                    if own == Fate::Dropped {
                        *item = Value::Null;
                    }
                    fate.note(own);
                }
            }
            Value::Object(map) => map.retain(|_, item| {
                let own = self.value(plan, item, depth);
                fate.note(own);
                own != Fate::Dropped
            }),
        }
        fate
    }

    /// Applies the rules over text to one string, until nothing changes any more.
    fn text(&mut self, plan: &Plan, text: &mut String, depth: usize) -> Fate {
        let mut fate = Fate::Kept;
        for _ in 0..MAX_ROUNDS {
            match self.round(plan, text, depth) {
                Fate::Kept => break,
                Fate::Changed => fate = Fate::Changed,
                Fate::Dropped => return Fate::Dropped,
            }
        }
        fate
    }

    fn round(&mut self, plan: &Plan, text: &mut String, depth: usize) -> Fate {
        let facts = Facts::of(text);
        let possible = self.possible(plan, text, facts);
        // What JSON escapes may look different from what it says.
        if depth > 0
            && (possible || facts.escapes())
            && let Some(mut inner) = json_text::parse(text)
        {
            let mut fate = self.value(plan, &mut inner.value, depth - 1);
            if inner.lossy {
                fate.note(Fate::Changed);
            }
            if fate != Fate::Kept {
                *text = inner.value.to_string();
            }
            return fate;
        }
        if !possible {
            return Fate::Kept;
        }
        let rules = self.rules;
        let mut shielded = Shielded::new(text, self.marks);
        let mut fate = Fate::Kept;
        for index in &plan.texts {
            let Some(Compiled {
                search: Search::Text(finder),
                effect,
            }) = rules.get(*index)
            else {
                continue;
            };
            if !finder.possible(&shielded.view, facts) {
                continue;
            }
            let mut spans = finder.spans(&shielded.view);
            spans.retain(|span| shielded.holds_data(span));
            if spans.is_empty() {
                continue;
            }
            self.count(*index, spans.len() as u64);
            if matches!(effect, Effect::Drop) {
                return Fate::Dropped;
            }
            let salt = self.salt;
            shielded.replace(&spans, |found| effect.mark(salt, found).unwrap_or_default());
            fate = Fate::Changed;
        }
        if fate == Fate::Changed {
            *text = shielded.into_text();
        }
        fate
    }

    fn possible(&self, plan: &Plan, text: &str, facts: Facts) -> bool {
        plan.texts.iter().any(|index| {
            matches!(
                self.rules.get(*index),
                Some(Compiled { search: Search::Text(finder), .. }) if finder.possible(text, facts)
            )
        })
    }

    fn count(&mut self, index: usize, found: u64) {
        if let Some(count) = self.counts.get_mut(index) {
            *count += found;
        }
    }
}
