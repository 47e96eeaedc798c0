//! Metrics as they are written on the command line: `kind`, `kind:value` or `kind:name=value,name=value`.
//!
//! A comma ends a value only where a parameter that the kind knows follows, so that a regular expression needs no quoting:
//! in `regex:pattern=^a{1,2}$,name=ends well` the pattern is `^a{1,2}$`.

use crate::term::one_line;
use anyhow::{Context, Result, anyhow, bail};
use assay_model::{MetricKind, MetricSpec};
use serde_json::{Map, Value};
use std::path::Path;

/// How a parameter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// As it stands.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A JSON array, or texts between semicolons.
    List,
    /// JSON, or `@` and the name of a file that holds it.
    Json,
}

use Shape::{Flag, Json, List, Number, Text};

/// Parameters of every kind.
const COMMON: [(&str, Shape); 2] = [("threshold", Number), ("name", Text)];

/// The parameter that a value without a name sets.
const fn bare(kind: MetricKind) -> Option<&'static str> {
    match kind {
        MetricKind::Regex => Some("pattern"),
        MetricKind::Contains => Some("values"),
        MetricKind::JsonSchema => Some("schema"),
        MetricKind::Latency => Some("max_ms"),
        MetricKind::Cost => Some("max_usd"),
        MetricKind::GEval | MetricKind::ConversationalGEval => Some("criteria"),
        MetricKind::Misuse => Some("domain"),
        MetricKind::RoleViolation => Some("role"),
        MetricKind::NonAdvice => Some("advice_types"),
        MetricKind::PromptAlignment => Some("prompt_instructions"),
        MetricKind::TopicAdherence => Some("relevant_topics"),
        MetricKind::AspectCritic => Some("definition"),
        MetricKind::EmbeddingSimilarity => Some("model_id"),
        MetricKind::Expression => Some("expression"),
        MetricKind::Rouge => Some("variant"),
        MetricKind::Ndcg
        | MetricKind::PrecisionAtK
        | MetricKind::RecallAtK
        | MetricKind::HitRate
        | MetricKind::ReciprocalRank => Some("k"),
        MetricKind::Length => Some("max"),
        // The others need no parameter, or several.
        _ => None,
    }
}

/// A kind's parameters, as its schema in the catalogue has them.
struct Parameters {
    kind: MetricKind,
    all: Vec<(String, Shape)>,
}

impl Parameters {
    fn of(kind: MetricKind) -> Self {
        let entry = assay_metrics::catalogue()
            .into_iter()
            .find(|entry| entry.kind == kind);
        let schema = entry.map(|entry| entry.params_schema).unwrap_or_default();
        let own = schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let all = own.map(|(name, schema)| (name.clone(), shape_of(schema)));
        let common = COMMON
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), *shape));
        Self {
            kind,
            all: all.chain(common).collect(),
        }
    }

    fn shape(&self, name: &str) -> Option<Shape> {
        self.all
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, shape)| *shape)
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self.all.iter().map(|(n, _)| n.as_str()).collect();
        format!(
            "metric `{}` has no parameter `{name}`; it has {}",
            self.kind.as_str(),
            names.join(", ")
        )
    }
}

/// How a value that satisfies `schema` is written on a command line.
fn shape_of(schema: &Value) -> Shape {
    let kind = |schema: &Value| {
        schema
            .get("type")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    match kind(schema).as_deref() {
        Some("string") => Text,
        Some("number" | "integer") => Number,
        Some("boolean") => Flag,
        Some("array") => match schema.get("items") {
            Some(items)
                if items.get("enum").is_some() || kind(items).as_deref() == Some("string") =>
            {
                List
            }
            _ => Json,
        },
        _ if schema.get("enum").is_some() => Text,
        _ => Json,
    }
}

/// Reads one argument.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub(crate) fn parse(arg: &str) -> Result<MetricSpec, String> {
    if arg.trim_start().starts_with('{') {
        let value = serde_json::from_str(arg).map_err(|e| format!("metric `{arg}`: {e}"))?;
        return object(value);
    }
    let (kind, rest) = match arg.split_once(':') {
        Some((kind, rest)) => (kind.trim(), rest),
        None => (arg.trim(), ""),
    };
    let Some(kind) = MetricKind::ALL.into_iter().find(|k| k.as_str() == kind) else {
        return Err(format!(
            "metric `{kind}` is not known; there are {}",
            kinds()
        ));
    };
    let mut spec = MetricSpec::of(kind);
    let known = Parameters::of(kind);
    let mut params = Map::new();
    for (name, text) in pairs(&known, rest)? {
        let shape = known.shape(name).ok_or_else(|| known.unknown(name))?;
        let value =
            read(shape, text).map_err(|e| format!("metric `{}`: `{name}` {e}", kind.as_str()))?;
        match name {
            "threshold" => spec.threshold = value.as_f64(),
            "name" => spec.name = value.as_str().map(str::to_owned),
            _ => {
                if params.insert(name.to_owned(), value).is_some() {
                    return Err(format!(
                        "metric `{}`: `{name}` stands there twice",
                        kind.as_str()
                    ));
                }
            }
        }
    }
    if !params.is_empty() {
        spec.params = Value::Object(params);
    }
    checked(spec)
}

/// Reads a metric that is a text as on the command line, or an object as the API takes it.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn value(value: Value) -> Result<MetricSpec, String> {
    match value {
        Value::String(text) => parse(&text),
        other => object(other),
    }
}

/// Reads a YAML or JSON file: a list of metrics, or a mapping with `metrics`.
///
/// # Errors
/// When it cannot be read, or an entry is wrong.
pub(crate) fn file(path: &Path) -> Result<Vec<MetricSpec>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| anyhow!("{shown}: {}", crate::files::plain(&e)))?;
    let list = match serde_yaml_ng::from_str::<Value>(&text).with_context(|| shown.to_string())? {
        Value::Array(list) => list,
        Value::Object(mut map) => match map.remove("metrics") {
            Some(Value::Array(list)) => list,
            _ => bail!("{shown}: must be a list of metrics, or a mapping with a list `metrics`"),
        },
        _ => bail!("{shown}: must be a list of metrics"),
    };
    let numbered = list.into_iter().zip(1..);
    numbered
        .map(|(entry, n)| value(entry).map_err(|e| anyhow!("{shown}: entry {n}: {e}")))
        .collect()
}

fn object(value: Value) -> Result<MetricSpec, String> {
    if !value.is_object() {
        return Err("a metric is a text or an object with `kind`".to_owned());
    }
    checked(serde_json::from_value(value).map_err(|e| format!("metric: {e}"))?)
}

/// Checks everything that the server would: better here, where the argument stands.
fn checked(spec: MetricSpec) -> Result<MetricSpec, String> {
    match assay_metrics::check_spec(&spec) {
        Ok(()) => Ok(spec),
        Err(errors) => {
            let plain = |field: &str| {
                field
                    .trim_start_matches("/params")
                    .trim_start_matches('/')
                    .to_owned()
            };
            let list: Vec<String> = errors
                .iter()
                .map(|e| format!("`{}` {}", plain(&e.field), one_line(&e.message, 300)))
                .collect();
            Err(format!(
                "metric `{}`: {}",
                spec.display_name(),
                list.join("; ")
            ))
        }
    }
}

fn kinds() -> String {
    MetricKind::ALL.map(MetricKind::as_str).join(", ")
}

/// Cuts `name=value,name=value` where a known name follows; a value without a name belongs to the kind's main parameter.
fn pairs<'a>(known: &Parameters, rest: &'a str) -> Result<Vec<(&'a str, &'a str)>, String> {
    if rest.trim().is_empty() {
        return Ok(Vec::new());
    }
    let named = |part: &'a str| {
        part.split_once('=')
            .map(|(name, value)| (name.trim(), value))
    };
    let mut parts = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(comma) = rest
        .get(from..)
        .and_then(|r| r.find(','))
        .map(|at| from + at)
    {
        let next = rest.get(comma + 1..).unwrap_or_default();
        if named(next).is_some_and(|(name, _)| known.shape(name).is_some()) {
            parts.push(rest.get(start..comma).unwrap_or_default());
            start = comma + 1;
        }
        from = comma + 1;
    }
    parts.push(rest.get(start..).unwrap_or_default());
    parts
        .into_iter()
        .map(|part| match (named(part), bare(known.kind)) {
            (Some((name, value)), _) if known.shape(name).is_some() => Ok((name, value)),
            // A regular expression may well hold `a=`; elsewhere that is a name that nobody knows.
            (Some((name, _)), _) if is_word(name) && known.kind != MetricKind::Regex => {
                Err(known.unknown(name))
            }
            (_, Some(main)) => Ok((main, part)),
            (_, None) => Err(format!(
                "metric `{}`: `{part}` is not `name=value`",
                known.kind.as_str()
            )),
        })
        .collect()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn read(shape: Shape, text: &str) -> Result<Value, String> {
    match shape {
        Text => Ok(Value::String(text.to_owned())),
        Number => match text.trim().parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(text
                .trim()
                .parse::<u64>()
                .map_or_else(|_| n.into(), Into::into)),
            _ => Err(format!("must be a number, but is `{text}`")),
        },
        Flag => match text.trim() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(format!("must be true or false, but is `{text}`")),
        },
        List if text.trim_start().starts_with('[') => serde_json::from_str::<Vec<String>>(text)
            .map(Into::into)
            .map_err(|e| format!("must be a JSON array: {e}")),
        List => Ok(text
            .split(';')
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .collect()),
        Json => {
            let text = match text.trim().strip_prefix('@') {
                Some(path) => std::fs::read_to_string(path).map_err(|e| {
                    format!(
                        "names {path}, which cannot be read: {}",
                        crate::files::plain(&e)
                    )
                })?,
                None => text.to_owned(),
            };
            serde_json::from_str(&text)
                .map_err(|e| format!("must be JSON, or @ and a file's name: {e}"))
        }
    }
}

#[cfg(test)]
#[path = "metrics_arg_tests.rs"]
mod tests;
