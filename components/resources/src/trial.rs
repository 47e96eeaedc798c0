//! Trials: whether an agent or a model, as it is configured, can be talked to. The simulator makes the call; only it and the
//! evaluator may reach the world.

use crate::crud::references;
use crate::place::Place;
use crate::resource::{Resource, Stored, id, parse, to_map};
use crate::secrets;
use assay_access::Permission::EvaluationsRun;
use assay_edge::db::ScopedDb;
use assay_edge::{
    Ctx, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, chain, new_id, parse_json, reply,
};
use assay_model::{ConnectionTest, ConnectionTestRequest, FieldError, Validate as _};
use serde_json::{Map, Value, json};

/// `POST /api/v1/<table>/{id}/test`: 200 also when there is no answer, with the reason.
pub(crate) async fn test<R: Resource>(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let request: ConnectionTestRequest = ctx.json().await?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    let found = Stored::find::<R>(&db, &place, id(&ctx, R::ID, R::NOUN)?).await?;
    let tried = Tried {
        id: &found.id,
        version: found.version,
        spec: found.spec,
        credential: found.credential,
    };
    tried.by::<R>(&ctx, &db, &request.message).await
}

/// `POST /api/v1/<table>/test`: as [`test`], of what is not stored and will not be by this.
pub(crate) async fn unsaved<R: Resource>(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    // It has the platform call an address of the client's choice, with its secrets: what writing an agent allows, and then
    // trying it.
    if !ctx.actor()?.grant.has(EvaluationsRun) {
        let detail = "Trying what is not stored needs the permission to run evaluations, too.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    let mut body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let spec = match body.remove("spec") {
        Some(Value::Object(spec)) => spec,
        Some(_) => return Err(Problem::field("/spec", "must be an object")),
        None => return Err(Problem::field("/spec", "is required")),
    };
    let request: ConnectionTestRequest =
        parse_json(&serde_json::to_vec(&body).map_err(Problem::internal)?)?;
    request.validate().map_err(Problem::validation)?;
    let db = ctx.db().await?;
    let id = new_id();
    let workspace = &ctx.actor()?.workspace;
    let read = async {
        let (spec, secret) = parse::<R>(&ctx.platform, workspace, spec).await?;
        R::check_secret(None, &spec, &secret)?;
        references::<R>(&db, &id, &spec).await?;
        Ok((spec, secret))
    };
    let within = |errors: Vec<FieldError>| {
        let moved = errors.into_iter().map(|e| FieldError {
            field: format!("/spec{}", e.field),
            ..e
        });
        moved.collect()
    };
    let (spec, secret) = read.await.map_err(|e: Problem| e.map_errors(within))?;
    let tried = Tried {
        id: &id,
        version: 1,
        spec: to_map::<R>(&spec)?,
        credential: secret.seal(&ctx.platform, R::TABLE, &id, None)?,
    };
    tried.by::<R>(&ctx, &db, &request.message).await
}

/// What is tried: a resource as it is kept, or as it would be.
struct Tried<'a> {
    id: &'a str,
    version: i64,
    spec: Map<String, Value>,
    credential: Option<String>,
}

impl Tried<'_> {
    async fn by<R: Resource>(
        self,
        ctx: &Ctx,
        db: &ScopedDb,
        message: &str,
    ) -> Result<Reply, Problem> {
        let spec = Value::Object(self.spec);
        let named = secrets::named::<R>(&spec);
        let snapshot = json!({
            "id": self.id, "version": self.version, "spec": spec, "credential": self.credential,
            "secrets": secrets::sealed(db, &named).await?,
        });
        let body = json!({"to": {R::NOUN: snapshot}, "message": message});
        let test: ConnectionTest =
            chain::call(&ctx.platform, "simulator", "/internal/probe", &body).await?;
        reply::ok(&test)
    }
}
