//! `readability`: how easily an English text is read, by the lengths of its sentences and words.
//!
//! Flesch, "A new readability yardstick", 1948, and Kincaid and others, 1975. Words and sentences are counted as `textstat` does:
//! a word is what stands between white space and has a letter or a digit; a sentence ends at `.`, `!` or `?` and has three words.
//! Syllables are counted by rule (`syllables`), where `textstat` has a dictionary: the reading ease comes out within some points.

mod syllables;

use super::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::words;
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};

/// What a text was found to be made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextCounts {
    /// What stands between white space and has a letter or a digit.
    pub words: usize,
    /// At least 1.
    pub sentences: usize,
    /// About.
    pub syllables: usize,
}

impl TextCounts {
    /// Of `text`; `None` when it has no word.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut counts = Self::default();
        for word in words(text).filter(|word| is_word(word)) {
            counts.words += 1;
            counts.syllables += syllables::syllables(word);
        }
        let sentences = text.split(['.', '!', '?']);
        let whole =
            sentences.filter(|part| words(part).filter(|word| is_word(word)).nth(2).is_some());
        counts.sentences = whole.count().max(1);
        (counts.words > 0).then_some(counts)
    }

    fn words_a_sentence(&self) -> f64 {
        self.words as f64 / self.sentences as f64
    }

    fn syllables_a_word(&self) -> f64 {
        self.syllables as f64 / self.words as f64
    }

    /// Flesch's reading ease: 100 is very easy, 0 very hard; both are no bounds.
    #[must_use]
    pub fn reading_ease(&self) -> f64 {
        206.835 - 1.015 * self.words_a_sentence() - 84.6 * self.syllables_a_word()
    }

    /// The years of school in the United States after which the text is understood; may be below 0.
    #[must_use]
    pub fn grade(&self) -> f64 {
        0.39 * self.words_a_sentence() + 11.8 * self.syllables_a_word() - 15.59
    }
}

fn is_word(word: &str) -> bool {
    word.chars().any(|c| c.is_alphanumeric() || c == '_')
}

pub(crate) struct Readability;

/// Which formula the bounds are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Formula {
    #[default]
    FleschReadingEase,
    FleschKincaidGrade,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    formula: Formula,
    min: Option<f64>,
    max: Option<f64>,
}

impl Params {
    /// The score of a text that has this value by the formula.
    fn score(&self, value: f64) -> f64 {
        if self.min.is_none() && self.max.is_none() {
            let share = match self.formula {
                Formula::FleschReadingEase => value / 100.0,
                Formula::FleschKincaidGrade => 1.0 - value / 18.0,
            };
            return share.clamp(0.0, 1.0);
        }
        let within =
            self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max);
        f64::from(u8::from(within))
    }
}

impl Metric for Readability {
    fn about(&self) -> About {
        let bound = |description| json!({"type": "number", "minimum": -1000, "maximum": 1000, "description": description});
        About {
            name: "Readability",
            description: "How easily the answer is read: 1 when Flesch's reading ease (or the Flesch-Kincaid grade) is within \
                          `min` and `max`, else 0. Without bounds a reading ease of 100 is 1 and one of 0 is 0; grade 0 is 1 \
                          and grade 18 is 0. For English; the values are in the breakdown.",
            required_fields: &["actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "formula": {"enum": ["flesch_reading_ease", "flesch_kincaid_grade"], "default": "flesch_reading_ease",
                        "description": "Reading ease (higher is easier), or the grade of school (lower is easier)."},
                    "min": bound("The least value that is right."),
                    "max": bound("The greatest value that is right."),
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(Params {
            min: Some(min),
            max: Some(max),
            ..
        }) = read_params(params)
        {
            v.require(min <= max, "max", "must be no less than `min`");
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let Some(counts) = TextCounts::of(case.actual_output.as_deref().unwrap_or_default()) else {
            return Plan::NotApplicable("the answer has no words".to_owned());
        };
        let (ease, grade) = (counts.reading_ease(), counts.grade());
        let value = match params.formula {
            Formula::FleschReadingEase => ease,
            Formula::FleschKincaidGrade => grade,
        };
        let reason = format!(
            "the reading ease is {ease:.1}, the grade {grade:.1}: {} words and about {} syllables in {} sentences",
            counts.words, counts.syllables, counts.sentences
        );
        let mut scored = Scored::certain(params.score(value), reason);
        for (name, value) in [
            ("flesch_reading_ease", ease),
            ("flesch_kincaid_grade", grade),
            ("words", counts.words as f64),
            ("sentences", counts.sentences as f64),
            ("syllables", counts.syllables as f64),
        ] {
            scored.breakdown.insert(name.to_owned(), value);
        }
        Plan::Scored(scored)
    }
}
