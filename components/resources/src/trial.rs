//! Trials: whether an agent or a model, as it is configured, can be talked to. The simulator makes the call; only it and the
//! evaluator may reach the world.

use crate::place::Place;
use crate::resource::{Resource, Stored, id};
use crate::secrets;
use assay_edge::{Ctx, Problem, Reply, chain, reply};
use assay_model::{ConnectionTest, ConnectionTestRequest};
use serde_json::{Value, json};

/// `POST /api/v1/<table>/{id}/test`: 200 also when there is no answer, with the reason.
pub(crate) async fn test<R: Resource>(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let request: ConnectionTestRequest = ctx.json().await?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    let found = Stored::find::<R>(&db, &place, id(&ctx, R::ID, R::NOUN)?).await?;
    let named = secrets::named::<R>(&Value::Object(found.spec.clone()));
    let snapshot = json!({
        "id": found.id, "version": found.version, "spec": found.spec, "credential": found.credential,
        "secrets": secrets::sealed(&db, &named).await?,
    });
    let body = json!({"to": {R::NOUN: snapshot}, "message": request.message});
    let test: ConnectionTest =
        chain::call(&ctx.platform, "simulator", "/internal/probe", &body).await?;
    reply::ok(&test)
}
