//! The API's description, as it is checked in: `crates/api` makes it, tests keep it true.

use assay_edge::{Ctx, Problem, Reply, reply};
use http::StatusCode;

/// `docs/openapi.json` without the white space that people need.
static DOCUMENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// `GET /api/openapi.json`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    Ok(reply::bytes(StatusCode::OK, "application/json", DOCUMENT))
}
