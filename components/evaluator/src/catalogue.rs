//! The metrics that exist, with the parameters each takes.

use crate::{composed, named};
use assay_edge::{Ctx, Problem, Reply, parse_json, reply};
use assay_graph::protocol::CheckMetricsRequest;
use assay_model::{FieldError, MetricKind, Validator};
use serde_json::json;

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let components = composed::list().await?;
    let mut entries = json!(assay_metrics::catalogue());
    // What components there are the installation alone knows.
    for entry in entries.as_array_mut().into_iter().flatten() {
        if entry["kind"] == json!(MetricKind::Component) {
            entry["components"] = json!(components);
        }
    }
    reply::ok(&json!({"data": entries}))
}

/// Components that store metrics ask here and hand a problem on to their client, so that the weight of regular expressions
/// and JSON Schema is carried once.
pub(crate) async fn check(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: CheckMetricsRequest = parse_json(&body)?;
    let (mut errors, mut sound) = (Vec::new(), Vec::new());
    for list in &request.lists {
        for (i, metric) in list.metrics.iter().enumerate() {
            let mut v = Validator::default();
            assay_metrics::check_into(metric, &mut v);
            let found = v.finish().err().unwrap_or_default();
            let place = if list.single {
                list.pointer.clone()
            } else {
                format!("{}/{i}", list.pointer)
            };
            if found.is_empty() {
                sound.push((place.clone(), metric));
            }
            errors.extend(found.into_iter().map(|e| FieldError {
                field: format!("{place}{}", e.field),
                message: e.message,
            }));
        }
    }
    errors.extend(named::missing(&ctx.platform, &request.workspace_id, &sound).await?);
    if errors.is_empty() {
        Ok(reply::no_content())
    } else {
        Err(Problem::validation(errors))
    }
}
