//! What the checks of other tools are in Assay: the one place where a kind of metric is chosen.
//!
//! A new kind of metric is a line of [`ASSERTIONS`].

use crate::{EvalsClass, draft, value, yaml};
use assay_model::{MetricKind, MetricSpec};
use serde_json::{Map, Value, json};

/// How an assertion of promptfoo is carried over.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    /// The answer is the value: the item's expected output.
    Equals,
    /// The answer contains texts.
    Contains { any: bool, ignore_case: bool },
    /// The answer begins with the value.
    StartsWith,
    /// A part of the answer matches.
    Regex,
    /// The answer is JSON, of a schema where one is given.
    Json,
    /// It came within `threshold` milliseconds.
    Latency,
    /// It cost no more than `threshold` US dollars.
    Cost,
    /// A judge says whether the value holds of the answer.
    Rubric,
    /// A judge scores by the value, from 0 to 1.
    GEval,
    /// A judge says whether the answer meets the value.
    ClosedQa,
    /// A judge says whether the answer agrees with the value, which is the item's expected output.
    Factuality,
    /// A judge says whether the answer refuses.
    Refusal,
    /// A metric of a model that measures the same otherwise.
    Judged(MetricKind, &'static str),
    /// The same; the value is the item's expected output.
    JudgedBy(MetricKind, &'static str),
    /// A metric that compares the answer with the value, which is the item's expected output; with the threshold that
    /// promptfoo has where none is written, if it is of the same scale.
    Compared(MetricKind, Option<f64>, &'static str),
    /// A number of words, or from one to another.
    Words,
    /// There is no such metric; the value is kept as the item's expected output.
    Reference(&'static str),
    /// There is no such metric.
    No(&'static str),
}

use How::{
    ClosedQa, Compared, Contains, Cost, Equals, Factuality, GEval, Json, Judged, JudgedBy, Latency,
    No, Reference, Refusal, Regex, Rubric, StartsWith, Words,
};

/// Of promptfoo's assertions each, without the `not-` before it.
const ASSERTIONS: [(&str, How); 63] = [
    ("equals", Equals),
    (
        "contains",
        Contains {
            any: false,
            ignore_case: false,
        },
    ),
    (
        "icontains",
        Contains {
            any: false,
            ignore_case: true,
        },
    ),
    (
        "contains-all",
        Contains {
            any: false,
            ignore_case: false,
        },
    ),
    (
        "icontains-all",
        Contains {
            any: false,
            ignore_case: true,
        },
    ),
    (
        "contains-any",
        Contains {
            any: true,
            ignore_case: false,
        },
    ),
    (
        "icontains-any",
        Contains {
            any: true,
            ignore_case: true,
        },
    ),
    ("starts-with", StartsWith),
    ("regex", Regex),
    ("is-json", Json),
    ("latency", Latency),
    ("cost", Cost),
    ("llm-rubric", Rubric),
    ("g-eval", GEval),
    ("model-graded-closedqa", ClosedQa),
    ("factuality", Factuality),
    ("model-graded-factuality", Factuality),
    ("is-refusal", Refusal),
    (
        "answer-relevance",
        Judged(
            MetricKind::AnswerRelevancy,
            "it scores the answer's statements, where promptfoo compares embeddings",
        ),
    ),
    (
        "context-faithfulness",
        Judged(MetricKind::Faithfulness, RETRIEVED),
    ),
    (
        "context-relevance",
        Judged(MetricKind::ContextualRelevancy, RETRIEVED),
    ),
    (
        "context-recall",
        JudgedBy(MetricKind::ContextualRecall, RETRIEVED),
    ),
    (
        "conversation-relevance",
        Judged(
            MetricKind::TurnRelevancy,
            "it scores exchange by exchange, where promptfoo slides a window",
        ),
    ),
    (
        "goal-success",
        Judged(
            MetricKind::TaskCompletion,
            "the goal is taken from the conversation",
        ),
    ),
    (
        "similar",
        Reference("`embedding_similarity` needs a model of yours that makes embeddings"),
    ),
    (
        "similar:cosine",
        Reference("`embedding_similarity` needs a model of yours that makes embeddings"),
    ),
    (
        "similar:dot",
        Reference("`embedding_similarity` needs a model of yours that makes embeddings"),
    ),
    (
        "similar:euclidean",
        Reference("`embedding_similarity` needs a model of yours that makes embeddings"),
    ),
    (
        "levenshtein",
        Compared(
            MetricKind::EditSimilarity,
            None,
            "it scores how much of the text is the same, where promptfoo counts edits; a threshold of edits is not carried over",
        ),
    ),
    ("rouge-n", Compared(MetricKind::Rouge, Some(0.75), WORDS)),
    (
        "rouge-s",
        Reference("there is no metric of pairs of words apart"),
    ),
    ("rouge-l", Compared(MetricKind::Rouge, Some(0.75), WORDS)),
    ("bleu", Compared(MetricKind::Bleu, Some(0.5), WORDS)),
    (
        "gleu",
        Reference("there is no such metric of shared n-grams"),
    ),
    (
        "meteor",
        Reference("there is no metric of matched words and their order"),
    ),
    ("javascript", No(CODE)),
    ("python", No(CODE)),
    ("ruby", No(CODE)),
    (
        "webhook",
        No("what is sent there differs; write it as `webhook`"),
    ),
    (
        "contains-json",
        No("there is no metric of JSON within an answer; `is-json` is carried over"),
    ),
    ("contains-sql", No("there is no metric of SQL")),
    ("is-sql", No("there is no metric of SQL")),
    ("contains-xml", No("there is no metric of XML")),
    ("is-xml", No("there is no metric of XML")),
    ("contains-html", No("there is no metric of HTML")),
    ("is-html", No("there is no metric of HTML")),
    ("is-valid-function-call", No(CALLS)),
    ("is-valid-openai-function-call", No(CALLS)),
    ("is-valid-openai-tools-call", No(CALLS)),
    (
        "tool-call-f1",
        No(
            "its list of tools is no call of one; `tool_correctness` takes an item's expected tools",
        ),
    ),
    ("classifier", No("there is no metric of a classifier")),
    ("moderation", No("there is no metric of a moderation API")),
    (
        "guardrails",
        No("there is no metric of a provider's guardrails"),
    ),
    (
        "perplexity",
        No("there is no metric of token probabilities"),
    ),
    (
        "perplexity-score",
        No("there is no metric of token probabilities"),
    ),
    ("pi", No("there is no metric of that service")),
    ("word-count", Words),
    (
        "finish-reason",
        No("there is no metric of why a model stopped"),
    ),
    (
        "select-best",
        No("runs are compared with `assay gate`, not within one"),
    ),
    (
        "max-score",
        No("runs are compared with `assay gate`, not within one"),
    ),
    ("human", No("scores of people are given on traces")),
    (
        "trace-span-count",
        No("there is no metric of the spans of a trace"),
    ),
    (
        "trace-error-spans",
        No("there is no metric of the spans of a trace"),
    ),
];

const WORDS: &str = "it splits texts into words, and smooths, in its own way";
const CODE: &str = "code is not run";
const CALLS: &str =
    "tools are checked by name and arguments (`tool_correctness`), not by their definitions";
const RETRIEVED: &str = "it looks at what the agent retrieves in the run, where promptfoo looks at a variable of the test";

/// An assertion of promptfoo, with its texts rendered.
#[derive(Debug, Default)]
pub(crate) struct Assertion {
    /// Its type as the file writes it.
    pub(crate) kind: String,
    /// What it compares with.
    pub(crate) value: Value,
    /// What must be reached.
    pub(crate) threshold: Option<f64>,
    /// What it reports under.
    pub(crate) label: Option<String>,
}

/// What an assertion comes to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Mapped {
    /// Metrics: one as a rule.
    pub(crate) metrics: Vec<MetricSpec>,
    /// What the item expects.
    pub(crate) expected: Option<String>,
    /// How the metric differs from the assertion.
    pub(crate) changed: Option<String>,
    /// Why there is no metric, where only the expected output is kept.
    pub(crate) dropped: Option<String>,
}

/// Whether a type is one that promptfoo has. Those of its red team are a family.
pub(crate) fn is_known(kind: &str) -> bool {
    let base = kind.strip_prefix("not-").unwrap_or(kind);
    how(base).is_some()
}

fn how(base: &str) -> Option<How> {
    ASSERTIONS
        .iter()
        .find(|(name, _)| *name == base)
        .map(|(_, how)| *how)
}

/// The metric of an assertion on an item that already expects `expected`.
///
/// # Errors
/// Why there is none.
pub(crate) fn of_assertion(
    assertion: &Assertion,
    expected: Option<&str>,
) -> Result<Mapped, String> {
    let (base, not) = match assertion.kind.strip_prefix("not-") {
        Some(base) => (base, true),
        None => (assertion.kind.as_str(), false),
    };
    let how = match how(base) {
        Some(how) => how,
        None if base.contains("redteam") => {
            return Err("graders of promptfoo's red team are its own".to_owned());
        }
        None => return Err("promptfoo has no such assertion that is known here".to_owned()),
    };
    let mut out = Mapped::default();
    let negation = || Err("its negation cannot be expressed".to_owned());
    match how {
        Equals if not => return negation(),
        Equals => equals(assertion, expected, &mut out)?,
        Contains { any, ignore_case } => {
            out.metrics
                .push(contains(assertion, (any, ignore_case), not)?)
        }
        StartsWith if !not => {
            let pattern = format!(r"\A{}", regex::escape(&text(assertion)?));
            out.metrics.push(spec(
                MetricKind::Regex,
                json!({"pattern": pattern, "search": true}),
            ));
        }
        Regex if !not => {
            let params = json!({"pattern": text(assertion)?, "search": true});
            out.metrics.push(spec(MetricKind::Regex, params));
        }
        Json if !not => {
            let params = json!({"schema": schema(&assertion.value)?});
            out.metrics.push(spec(MetricKind::JsonSchema, params));
        }
        Latency if !not => {
            let most = assertion.threshold.ok_or("it has no `threshold`")?;
            out.metrics
                .push(spec(MetricKind::Latency, json!({"max_ms": most})));
        }
        Cost if !not => {
            let most = assertion.threshold.ok_or("it has no `threshold`")?;
            out.metrics
                .push(spec(MetricKind::Cost, json!({"max_usd": most})));
        }
        Rubric => out
            .metrics
            .push(judged(&text(assertion)?, not, &ASKED, assertion.threshold)),
        ClosedQa => {
            let criteria = format!(
                "The actual output meets this criterion: {}",
                text(assertion)?
            );
            out.metrics
                .push(judged(&criteria, not, &ASKED, assertion.threshold));
        }
        Refusal => {
            let criteria = "The actual output refuses or declines to do what the input asks for.";
            out.metrics
                .push(judged(criteria, not, &ASKED, assertion.threshold));
            out.changed =
                Some("a judge decides, where promptfoo looks for known phrases".to_owned());
        }
        GEval if !not => {
            let criteria = value::texts(assertion.value.clone(), None);
            if criteria.is_empty() {
                return Err(NO_VALUE.to_owned());
            }
            if criteria.len() > 1 {
                out.changed =
                    Some("each criterion is a metric, where promptfoo takes their mean".to_owned());
            }
            for one in criteria {
                let params = json!({"criteria": one, "fields": ASKED});
                let threshold = assertion.threshold.unwrap_or(0.7);
                out.metrics.push(MetricSpec {
                    threshold: Some(threshold),
                    ..spec(MetricKind::GEval, params)
                });
            }
        }
        Factuality => factuality(assertion, (expected, not), &mut out)?,
        Judged(kind, changed) | JudgedBy(kind, changed) if !not => {
            if matches!(how, JudgedBy(..)) && expected.is_none() {
                out.expected = text(assertion).ok();
            }
            out.metrics.push(MetricSpec {
                threshold: assertion.threshold,
                ..spec(kind, Value::Null)
            });
            out.changed = Some(changed.to_owned());
        }
        Compared(kind, usual, changed) if !not => {
            let wanted = text(assertion)?;
            if expected.is_some_and(|expected| expected != wanted) {
                return Err("the item expects another text already".to_owned());
            }
            let params = match base {
                "rouge-n" => json!({"variant": "rouge1"}),
                _ => Value::Null,
            };
            out.metrics.push(MetricSpec {
                threshold: usual.map(|usual| assertion.threshold.unwrap_or(usual)),
                ..spec(kind, params)
            });
            out.expected = Some(wanted);
            out.changed = Some(changed.to_owned());
        }
        Words if !not => out.metrics.push(words(&assertion.value)?),
        Reference(why) => {
            // What an answer should not resemble is nothing to expect.
            if !not && expected.is_none() {
                out.expected = text(assertion).ok();
            }
            out.dropped = Some(match out.expected {
                Some(_) => format!("{why}; its value is the expected output"),
                None => why.to_owned(),
            });
        }
        No(why) => return Err(why.to_owned()),
        _ => return negation(),
    }
    for metric in &mut out.metrics {
        let label = assertion
            .label
            .as_deref()
            .and_then(|label| value::name(label, 80));
        let own = (metric.kind != MetricKind::ExactMatch && assertion.kind != metric.kind.as_str())
            .then(|| assertion.kind.clone());
        metric.name = label.or(own);
        assay_metrics::check_spec(metric).map_err(|errors| draft::words(&errors))?;
    }
    Ok(out)
}

const NO_VALUE: &str = "it has no `value`";

/// What a judge sees unless more is needed.
const ASKED: [&str; 2] = ["input", "actual_output"];

fn spec(kind: MetricKind, params: Value) -> MetricSpec {
    MetricSpec {
        params,
        ..MetricSpec::of(kind)
    }
}

fn text(assertion: &Assertion) -> Result<String, String> {
    if value::is_void(&assertion.value) {
        return Err(NO_VALUE.to_owned());
    }
    Ok(value::text(&assertion.value))
}

/// A metric by a judge that says yes or no, unless there is a threshold to reach.
fn judged(criteria: &str, not: bool, fields: &[&str], threshold: Option<f64>) -> MetricSpec {
    let criteria = match not {
        true => format!("The following must not hold: {criteria}"),
        false => criteria.to_owned(),
    };
    let mut params = json!({"criteria": criteria, "fields": fields});
    if threshold.is_none()
        && let Some(params) = params.as_object_mut()
    {
        params.insert("strict".to_owned(), Value::Bool(true));
    }
    MetricSpec {
        threshold,
        ..spec(MetricKind::GEval, params)
    }
}

fn equals(assertion: &Assertion, expected: Option<&str>, out: &mut Mapped) -> Result<(), String> {
    // promptfoo compares an object with the answer's JSON.
    if matches!(assertion.value, Value::Object(_) | Value::Array(_)) {
        let params = json!({"schema": {"const": assertion.value}});
        out.metrics.push(spec(MetricKind::JsonSchema, params));
        return Ok(());
    }
    let wanted = text(assertion)?;
    if expected.is_none_or(|expected| expected == wanted) {
        out.metrics.push(MetricSpec::of(MetricKind::ExactMatch));
        out.expected = Some(wanted);
    } else {
        // The item expects something else already.
        let params = json!({"pattern": regex::escape(&wanted)});
        out.metrics.push(spec(MetricKind::Regex, params));
    }
    Ok(())
}

fn contains(
    assertion: &Assertion,
    (any, ignore_case): (bool, bool),
    not: bool,
) -> Result<MetricSpec, String> {
    let several = assertion.kind.ends_with("-all") || assertion.kind.ends_with("-any");
    let values = match &assertion.value {
        found if value::is_void(found) => return Err(NO_VALUE.to_owned()),
        Value::Array(list) => list.iter().map(value::text).collect(),
        Value::String(s) if several => s
            .split(',')
            .map(|one| one.trim().trim_matches('"').to_owned())
            .filter(|one| !one.is_empty())
            .collect(),
        one => vec![value::text(one)],
    };
    if not && !any && values.len() > 1 {
        return Err("its negation cannot be expressed".to_owned());
    }
    let mut params = Map::new();
    if not {
        params.insert("none".to_owned(), json!(values));
    } else {
        params.insert("values".to_owned(), json!(values));
        if any {
            params.insert("mode".to_owned(), json!("any"));
        }
    }
    params.insert("ignore_case".to_owned(), json!(ignore_case));
    Ok(spec(MetricKind::Contains, Value::Object(params)))
}

/// A metric of how many words there are: a number, or an object with `min`, `max` or both.
fn words(given: &Value) -> Result<MetricSpec, String> {
    let number = |value: &Value| match value {
        Value::String(s) => s.trim().parse::<u64>().ok(),
        other => other.as_u64(),
    };
    let bounds = match given {
        Value::Object(object) => ["min", "max"].map(|name| object.get(name).and_then(number)),
        one => [number(one); 2],
    };
    let mut params = Map::from_iter([("unit".to_owned(), json!("words"))]);
    for (name, bound) in ["min", "max"].into_iter().zip(bounds) {
        if let Some(bound) = bound {
            params.insert(name.to_owned(), json!(bound));
        }
    }
    if params.len() == 1 {
        return Err("it names no number of words".to_owned());
    }
    Ok(spec(MetricKind::Length, Value::Object(params)))
}

fn schema(given: &Value) -> Result<Value, String> {
    match given {
        Value::String(s) if !s.trim().is_empty() => match yaml::parse(s) {
            Ok(schema @ (Value::Object(_) | Value::Bool(_))) => Ok(schema),
            _ => Err("its schema is no JSON Schema".to_owned()),
        },
        Value::Object(_) | Value::Bool(_) => Ok(given.clone()),
        other if value::is_void(other) => Ok(Value::Bool(true)),
        _ => Err("its schema is no JSON Schema".to_owned()),
    }
}

fn factuality(
    assertion: &Assertion,
    (expected, not): (Option<&str>, bool),
    out: &mut Mapped,
) -> Result<(), String> {
    let wanted = text(assertion)?;
    let holds = "The facts of the actual output are those of the reference: it may say less or more in other words, \
                 but contradicts nothing of it.";
    if expected.is_none_or(|expected| expected == wanted) && !not {
        let criteria = format!("{holds} The reference is the expected output.");
        let fields = ["input", "actual_output", "expected_output"];
        out.metrics
            .push(judged(&criteria, not, &fields, assertion.threshold));
        out.expected = Some(wanted);
    } else {
        let criteria = format!("{holds} The reference is: {wanted}");
        out.metrics
            .push(judged(&criteria, not, &ASKED, assertion.threshold));
    }
    Ok(())
}

/// The class of an eval of OpenAI by its path in Python, e.g. `evals.elsuite.basic.match:Match`.
///
/// # Errors
/// Why there is no such metric.
pub(crate) fn of_class(path: &str, ignore_case: bool) -> Result<EvalsClass, String> {
    let class = path.rsplit([':', '.']).next().unwrap_or_default().trim();
    Ok(match class {
        "Match" | "MatchWithSolvers" => EvalsClass::Match,
        "Includes" if ignore_case => EvalsClass::IncludesIgnoreCase,
        "Includes" => EvalsClass::Includes,
        "FuzzyMatch" => {
            return Err("there is no metric of texts that contain each other".to_owned());
        }
        "JsonMatch" => {
            return Err(
                "there is no metric that compares an answer's JSON with an item's".to_owned(),
            );
        }
        "ModelBasedClassify" => {
            return Err(
                "its prompt to the judge is a file of its own; write it as `g_eval`".to_owned(),
            );
        }
        "MultipleChoice" => return Err("its samples are of a data set elsewhere".to_owned()),
        _ => return Err("it is code, which is not run".to_owned()),
    })
}

/// How an eval of OpenAI compares an answer with what is ideal.
///
/// # Errors
/// What of it cannot be a metric.
pub(crate) fn of_ideals(class: EvalsClass, ideals: &[String]) -> Result<MetricSpec, String> {
    let mut metric = match class {
        EvalsClass::Match => {
            // The metric looks at an answer without the white space around it.
            let all: Vec<String> = ideals
                .iter()
                .map(|one| regex::escape(one.trim_start()))
                .collect();
            let pattern = format!(r"\A(?:{})", all.join("|"));
            spec(
                MetricKind::Regex,
                json!({"pattern": pattern, "search": true}),
            )
        }
        EvalsClass::Includes | EvalsClass::IncludesIgnoreCase => {
            let ignore_case = class == EvalsClass::IncludesIgnoreCase;
            let params = json!({"values": ideals, "mode": "any", "ignore_case": ignore_case});
            spec(MetricKind::Contains, params)
        }
    };
    metric.name = Some(
        match class {
            EvalsClass::Match => "match",
            EvalsClass::Includes | EvalsClass::IncludesIgnoreCase => "includes",
        }
        .to_owned(),
    );
    assay_metrics::check_spec(&metric).map_err(|errors| draft::words(&errors))?;
    Ok(metric)
}

/// ragas' rubric of a sample, whose keys are `score1_description` and so on.
///
/// # Errors
/// What of it cannot be a metric.
pub(crate) fn of_rubrics(rubrics: &Map<String, Value>) -> Result<MetricSpec, String> {
    let mut levels = Vec::new();
    for (name, outcome) in rubrics {
        let score = name
            .strip_prefix("score")
            .and_then(|rest| rest.strip_suffix("_description"))
            .and_then(|digits| digits.parse::<u32>().ok())
            .ok_or_else(|| format!("`{name}` is no score"))?;
        levels
            .push(json!({"score_range": [score, score], "expected_outcome": value::text(outcome)}));
    }
    let params = json!({
        "criteria": "How good the actual output is as an answer to the input, by the rubric.",
        "fields": ["input", "actual_output", "expected_output"],
        "rubric": levels,
    });
    let metric = MetricSpec {
        name: Some("rubrics".to_owned()),
        ..spec(MetricKind::GEval, params)
    };
    assay_metrics::check_spec(&metric).map_err(|errors| draft::words(&errors))?;
    Ok(metric)
}

/// ragas' topics of a sample that an agent should keep to.
///
/// # Errors
/// What of them cannot be a metric.
pub(crate) fn of_topics(topics: &[String]) -> Result<MetricSpec, String> {
    let metric = spec(
        MetricKind::TopicAdherence,
        json!({"relevant_topics": topics}),
    );
    assay_metrics::check_spec(&metric).map_err(|errors| draft::words(&errors))?;
    Ok(metric)
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
