//! Metrics that the operator composed into the installation: which there are, what each says of itself, and asking one.
//!
//! Each is a component of its own, `metric-<name>`, which the operator lists in the variable `metric_components`. It is reached from within
//! alone, holds nothing, and knows but one key, `metric_key`, by which it tells our calls from others'. Whatever goes wrong in it is an error
//! of that metric: no fault of ours, and never a score.

use crate::errand::Came;
use assay_edge::outbound::{OutboundError, Outgoing, send_to_configured};
use assay_edge::tape::Tape;
use assay_edge::{Problem, Remembered, chain, variable};
use assay_llm::excerpt;
use assay_model::{COMPONENT_TIMEOUT_MS, FieldError, MetricSpec, TestCase};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What the ids of such components begin with, so that a list that is wrong leads to no other component.
const PREFIX: &str = "metric-";
/// Most bytes of an answer.
const MAX_BYTES: usize = 256 << 10;
/// How long a component may take to say what it is, in milliseconds.
const DESCRIBE_MS: u64 = 10_000;
/// How long what it said is believed, in milliseconds.
const FRESH_MS: i64 = 60_000;

thread_local! {
    static DESCRIBED: Remembered<Description> = Remembered::default();
}

/// What a component says of itself.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Description {
    name: String,
    description: String,
    required_fields: Vec<String>,
    params_schema: Map<String, Value>,
}

/// A component as the catalogue shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    /// As metrics name it.
    component: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    required_fields: Vec<String>,
    params_schema: Map<String, Value>,
    /// Why it cannot say what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Their names.
async fn names() -> Result<BTreeSet<String>, Problem> {
    let listed = variable("metric_components").await?;
    let names = listed.split([',', ' ']).filter(|name| !name.is_empty());
    Ok(names.map(str::to_owned).collect())
}

/// Every component, for the catalogue.
pub(crate) async fn list() -> Result<Vec<Listed>, Problem> {
    let names = names().await?;
    let described = names.into_iter().map(|name| async move {
        let said = described(&name).await?;
        let (known, error) = match said {
            Ok(known) => (Some(known), None),
            Err(why) => (None, Some(format!("it {why}"))),
        };
        let known = known.as_deref();
        Ok::<_, Problem>(Listed {
            component: name,
            name: known.map(|d| d.name.clone()),
            description: known.map(|d| d.description.clone()),
            required_fields: known.map_or_else(Vec::new, |d| d.required_fields.clone()),
            params_schema: known.map_or_else(Map::new, |d| d.params_schema.clone()),
            error,
        })
    });
    futures::future::try_join_all(described).await
}

/// What is wrong with how metrics name components. Each metric comes with its JSON pointer.
pub(crate) async fn faults(metrics: &[(String, &MetricSpec)]) -> Result<Vec<FieldError>, Problem> {
    let named = metrics.iter().filter_map(|(at, metric)| {
        let (name, params) = metric.component()?;
        Some((at, name, params))
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let known = names().await?;
    let mut said: BTreeMap<&str, Result<Rc<Description>, String>> = BTreeMap::new();
    let mut faults = Vec::new();
    for (at, name, params) in named {
        let mut fault = |pointer: &str, message: String| {
            let field = format!("{at}/params/{pointer}");
            faults.push(FieldError { field, message });
        };
        if !known.contains(name) {
            let there = match known.is_empty() {
                true => "which has none".to_owned(),
                false => {
                    let names: Vec<&str> = known.iter().map(String::as_str).collect();
                    format!("which has {}", names.join(", "))
                }
            };
            fault(
                "component",
                format!("is no metric of this installation, {there}"),
            );
            continue;
        }
        if !said.contains_key(name) {
            said.insert(name, described(name).await?);
        }
        match said.get(name) {
            Some(Ok(description)) => {
                let schema = Value::Object(description.params_schema.clone());
                let empty = json!({});
                let wrong = assay_metrics::check_params(&schema, params.unwrap_or(&empty));
                for wrong in wrong.err().into_iter().flatten() {
                    fault(&format!("params{}", wrong.field), wrong.message);
                }
            }
            Some(Err(why)) => fault("component", format!("cannot say what it is: it {why}")),
            None => {}
        }
    }
    Ok(faults)
}

/// What a component says of itself, or why it does not.
async fn described(name: &str) -> Result<Result<Rc<Description>, String>, Problem> {
    if let Some(known) = DESCRIBED.with(|all| all.get(name)) {
        return Ok(Ok(known));
    }
    let answer = ask(name, "/describe", &json!({}), DESCRIBE_MS).await?;
    let read = answer.and_then(|answer| {
        let read = serde_json::from_value(answer);
        read.map_err(|e| {
            format!(
                "describes itself in a way that cannot be read: {}",
                excerpt(&e.to_string())
            )
        })
    });
    Ok(read.map(|found| DESCRIBED.with(|all| all.keep(name, found, FRESH_MS))))
}

/// Has a component score a case, unless the tape has what came of it.
pub(crate) async fn score(
    tape: &Tape,
    case: &TestCase,
    name: &str,
    input: &Value,
) -> Result<Came, Problem> {
    let scored = async || {
        // Whoever saved the metric may have done so before the operator took the component away.
        if !names().await?.contains(name) {
            return Ok(Err(format!(
                "this installation has no metric component `{name}`"
            )));
        }
        let described = match described(name).await? {
            Ok(described) => described,
            Err(why) => {
                return Ok(Err(format!(
                    "the component cannot say what it is: it {why}"
                )));
            }
        };
        if let Some(came) = assay_metrics::lacking(&described.required_fields, case) {
            return Ok(came);
        }
        let came = ask(name, "/score", input, COMPONENT_TIMEOUT_MS).await?;
        Ok(came.map_err(|why| format!("the component {why}")))
    };
    tape.kept(&["component", name, &input.to_string()], scored)
        .await
}

/// Asks a component: its answer, or why there is none, in words that follow "the component".
async fn ask(
    name: &str,
    path: &str,
    body: &Value,
    timeout_ms: u64,
) -> Result<Result<Value, String>, Problem> {
    let component = format!("{PREFIX}{name}");
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    let key = variable("metric_key").await?;
    let now = assay_edge::clock::now().micros() / 1_000_000;
    let signature = chain::sign(key.as_bytes(), now, &component, path, &body);
    let call = Outgoing {
        method: Method::POST,
        url: format!("http://{component}.spin.internal{path}"),
        headers: vec![
            (chain::HEADER.to_owned(), signature),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        credential: None,
        secret_headers: Vec::new(),
        secrets: BTreeMap::new(),
        body,
        timeout_ms,
        max_bytes: MAX_BYTES,
    };
    let incoming = match send_to_configured(call).await {
        Ok(incoming) => incoming,
        Err(e) => return Ok(Err(failed(&e))),
    };
    Ok(match incoming.status.as_u16() {
        200 => read(&incoming.body),
        404 => Err("does not take our calls: `metric_key` is not the same on both sides".into()),
        500.. => Err(FAILED.to_owned()),
        status => Err(format!(
            "answered {status}: {}",
            excerpt(&String::from_utf8_lossy(&incoming.body))
        )),
    })
}

/// Engines say nothing more of what happened in an instance that they threw away.
const FAILED: &str =
    "failed: it trapped, needed more memory than it may have, or is not in the application";

fn failed(error: &OutboundError) -> String {
    match error {
        OutboundError::Timeout(_) => "took longer than it may".to_owned(),
        OutboundError::TooLarge(_) => error.to_string(),
        _ => FAILED.to_owned(),
    }
}

/// An answer, which is `{"error": "why"}` where the component says itself that there is none.
fn read(body: &[u8]) -> Result<Value, String> {
    let answer: Value = serde_json::from_slice(body)
        .map_err(|e| format!("gave an answer that is not JSON: {e}"))?;
    match answer.get("error").and_then(Value::as_str) {
        Some(why) => Err(format!("says: {}", excerpt(why))),
        None => Ok(answer),
    }
}
