//! The whole API's description: each component tells its part.

use assay_edge::{Ctx, Problem, Reply, chain, log_error, openapi, reply};
use serde_json::{Map, Value};

/// The other components that have public routes.
const OTHERS: [&str; 5] = ["resources", "orchestrator", "evaluator", "ingest", "traces"];

/// `GET /api/openapi.json`. A component that does not answer is left out: the rest is still true.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    let mut paths = Map::new();
    add(&mut paths, openapi::paths(&crate::COMPONENT));
    let parts = OTHERS.map(|name| async move {
        (
            name,
            chain::get::<Value>(name, openapi::INTERNAL_PATH).await,
        )
    });
    for (name, part) in futures::future::join_all(parts).await {
        match part {
            Ok(part) => add(&mut paths, part),
            Err(problem) => log_error(ctx.component, &ctx.request_id, name, &problem.to_string()),
        }
    }
    reply::ok(&openapi::document(env!("CARGO_PKG_VERSION"), paths))
}

fn add(paths: &mut Map<String, Value>, part: Value) {
    if let Value::Object(part) = part {
        paths.extend(part);
    }
}
