//! The playground: a conversation with a model as one likes. The simulator makes the call; nothing is kept.

use crate::models::Models;
use crate::place::Place;
use crate::resource::{Resource as _, Stored, id};
use assay_edge::{Ctx, Problem, Reply, chain, reply, sse};
use assay_model::{ModelChatReply, ModelChatRequest};
use serde_json::json;

/// `POST /api/v1/models/{id}/chat`: events while the answer comes, or the answer as JSON. 200 also when there is none, with the
/// reason.
pub(crate) async fn chat(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let request: ModelChatRequest = ctx.json().await?;
    let db = ctx.db().await?;
    let place = Place::of::<Models>(&ctx, &db).await?;
    let found = Stored::find::<Models>(&db, &place, id(&ctx, Models::ID, Models::NOUN)?).await?;
    let stream = !sse::wants_json(&ctx);
    let body = json!({
        "model": {"id": found.id, "version": found.version, "spec": found.spec, "credential": found.credential},
        "request": request, "stream": stream,
    });
    let (component, path) = ("simulator", "/internal/chat");
    if stream {
        return chain::events(&ctx.platform, component, path, body).await;
    }
    let answer: ModelChatReply = chain::call(&ctx.platform, component, path, body).await?;
    reply::ok(&answer)
}
