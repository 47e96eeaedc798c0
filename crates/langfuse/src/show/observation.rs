//! Observations, in the older shape (v1) and the newer one (v2).

use crate::query::{Group as _, Groups, ObservationGroup};
use crate::show::{environment, object, parsed, raw, seconds};
use assay_model::{Observation, Timestamp, Trace};
use serde_json::{Map, Value, json};

/// Longest value of metadata in v2, in characters, unless the client names its key.
const MAX_METADATA: usize = 200;

/// US dollars a token, where they are known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Prices {
    /// Of the prompt.
    pub input: Option<f64>,
    /// Of the answer.
    pub output: Option<f64>,
    /// Of both, where the model does not tell them apart.
    pub total: Option<f64>,
}

/// What an observation's own record does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct ObservationContext<'a> {
    /// The project.
    pub project_id: &'a str,
    /// Its trace, for v2.
    pub trace: Option<&'a Trace>,
    /// When it was first stored.
    pub created_at: Option<Timestamp>,
    /// When it was last stored.
    pub updated_at: Option<Timestamp>,
    /// The prompt of the library.
    pub prompt_id: Option<&'a str>,
    /// The model of the price list.
    pub model_id: Option<&'a str>,
    /// Its prices.
    pub prices: Prices,
}

/// The older shape: `GET /api/public/observations` and within traces.
#[must_use]
pub fn observation_v1(o: &Observation, c: &ObservationContext) -> Value {
    let cost = Cost::of(o);
    let usage = o.usage.unwrap_or_default();
    let total = o.usage_details.get("total").copied();
    json!({
        "id": o.id,
        "traceId": o.trace_id,
        "type": o.kind,
        "name": o.name,
        "startTime": o.start_time,
        "endTime": o.end_time,
        "parentObservationId": o.parent_id,
        "completionStartTime": o.completion_start_time,
        "model": o.model,
        "modelParameters": object(&o.model_parameters),
        "input": parsed(&o.input),
        "output": parsed(&o.output),
        "metadata": object(&o.metadata),
        "usageDetails": o.usage_details,
        "costDetails": o.cost_details,
        "level": o.level,
        "statusMessage": o.status_message,
        "version": o.version,
        "promptId": c.prompt_id,
        "promptName": o.prompt_name,
        "promptVersion": o.prompt_version,
        "modelId": c.model_id,
        "environment": environment(o.environment.as_deref()),
        "latency": latency(o),
        "createdAt": c.created_at.unwrap_or(o.start_time),
        "updatedAt": c.updated_at.unwrap_or(o.start_time),
        "projectId": c.project_id,
        "usage": {
            "input": usage.input,
            "output": usage.output,
            "total": total.unwrap_or_else(|| usage.total()),
            "unit": "TOKENS",
            "inputCost": cost.input,
            "outputCost": cost.output,
            "totalCost": cost.total,
        },
        "calculatedInputCost": cost.input,
        "calculatedOutputCost": cost.output,
        "calculatedTotalCost": cost.total,
        "inputPrice": c.prices.input,
        "outputPrice": c.prices.output,
        "totalPrice": c.prices.total,
        "timeToFirstToken": first_token(o),
    })
}

/// The newer shape, `GET /api/public/v2/observations`: what is always there, and the groups that the client asks for.
/// Values of metadata are cut to 200 characters unless their key is in `expand`.
#[must_use]
pub fn observation_v2(
    o: &Observation,
    groups: &Groups,
    expand: &[String],
    c: &ObservationContext,
) -> Value {
    let mut shown = json!({
        "id": o.id,
        "traceId": o.trace_id,
        "startTime": o.start_time,
        "endTime": o.end_time,
        "projectId": c.project_id,
        "parentObservationId": o.parent_id,
        "type": o.kind,
    });
    for (group, _) in ObservationGroup::ALL {
        if !groups.has(*group) {
            continue;
        }
        if let (Some(map), Value::Object(fields)) =
            (shown.as_object_mut(), of_group(*group, o, expand, c))
        {
            map.extend(fields);
        }
    }
    shown
}

fn of_group(
    group: ObservationGroup,
    o: &Observation,
    expand: &[String],
    c: &ObservationContext,
) -> Value {
    let price = |dollars: Option<f64>| dollars.map(|d| d.to_string());
    match group {
        ObservationGroup::Core => Value::Null,
        ObservationGroup::Basic => json!({
            "name": o.name,
            "level": o.level,
            "statusMessage": o.status_message,
            "version": o.version,
            "environment": environment(o.environment.as_deref()),
            "bookmarked": false,
            "public": c.trace.and_then(|t| t.public).unwrap_or_default(),
            "userId": c.trace.and_then(|t| t.user_id.as_deref()),
            "sessionId": c.trace.and_then(|t| t.session_id.as_deref()),
            "isRootObservation": o.is_root(),
        }),
        ObservationGroup::Time => json!({
            "completionStartTime": o.completion_start_time,
            "createdAt": c.created_at.unwrap_or(o.start_time),
            "updatedAt": c.updated_at.unwrap_or(o.start_time),
        }),
        ObservationGroup::Io => json!({"input": raw(&o.input), "output": raw(&o.output)}),
        ObservationGroup::Metadata => json!({"metadata": cut(&o.metadata, expand)}),
        ObservationGroup::Model => json!({
            "model": o.model,
            "internalModelId": c.model_id,
            "modelId": c.model_id,
            "modelParameters": object(&o.model_parameters),
            "inputPrice": price(c.prices.input),
            "outputPrice": price(c.prices.output),
            "totalPrice": price(c.prices.total),
        }),
        ObservationGroup::Usage => json!({
            "usageDetails": o.usage_details,
            "costDetails": o.cost_details,
            "totalCost": o.cost_usd,
            "usagePricingTierName": null,
        }),
        ObservationGroup::Prompt => json!({
            "promptId": c.prompt_id,
            "promptName": o.prompt_name,
            "promptVersion": o.prompt_version,
        }),
        ObservationGroup::Metrics => json!({
            "latency": latency(o),
            "timeToFirstToken": first_token(o),
        }),
        ObservationGroup::TraceContext => json!({
            "tags": c.trace.map(|t| t.tags.as_slice()).unwrap_or_default(),
            "release": c.trace.and_then(|t| t.release.as_deref()),
            "traceName": c.trace.and_then(|t| t.name.as_deref()),
        }),
    }
}

/// What is no text is cut as the text of its JSON.
fn cut(metadata: &Value, expand: &[String]) -> Value {
    let Value::Object(map) = object(metadata) else {
        return json!({});
    };
    let short = |(key, value): (String, Value)| {
        if expand.contains(&key) {
            return (key, value);
        }
        let long = match &value {
            Value::String(text) => shortened(text),
            Value::Array(_) | Value::Object(_) => shortened(&value.to_string()),
            _ => None,
        };
        (key, long.map_or(value, Value::String))
    };
    Value::Object(map.into_iter().map(short).collect::<Map<_, _>>())
}

/// The beginning of a text that is too long.
fn shortened(text: &str) -> Option<String> {
    let (end, _) = text.char_indices().nth(MAX_METADATA)?;
    text.get(..end).map(str::to_owned)
}

fn latency(o: &Observation) -> Option<f64> {
    o.end_time.map(|end| seconds(o.start_time, end))
}

fn first_token(o: &Observation) -> Option<f64> {
    o.completion_start_time
        .map(|first| seconds(o.start_time, first))
}

/// US dollars by side.
struct Cost {
    input: Option<f64>,
    output: Option<f64>,
    total: Option<f64>,
}

impl Cost {
    fn of(o: &Observation) -> Self {
        let sum = |side: &str| {
            let buckets = o
                .cost_details
                .iter()
                .filter(|(name, _)| name.contains(side));
            buckets.map(|(_, cost)| *cost).reduce(|a, b| a + b)
        };
        Self {
            input: sum("input"),
            output: sum("output"),
            total: o.cost_usd,
        }
    }
}
