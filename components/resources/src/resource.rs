//! What a resource is: a specification that the client writes, and what the platform keeps beside it.

use crate::metrics;
use crate::secret::Secret;
use assay_edge::db::{Row, ScopedDb};
use assay_edge::{Ctx, Platform, Problem, parse_json};
use assay_model::{MetricSpec, Timestamp, Validate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// How one kind of resource differs from the others.
pub(crate) trait Resource {
    /// What the client writes.
    type Spec: Serialize + DeserializeOwned + Validate;
    /// The table, the segment of the path and the first part of where secrets belong.
    const TABLE: &'static str;
    /// For people.
    const NOUN: &'static str;
    /// The write-only field, if there is one.
    const SECRET: Option<&'static str> = None;
    /// A number that is counted rather than kept: its name, and SQL over the table `r`.
    const COUNTED: Option<(&'static str, &'static str)> = None;

    /// The name, unique in the workspace.
    fn name(spec: &Self::Spec) -> &str;

    /// The metrics in the specification, at `/metrics`.
    fn metrics(_spec: &Self::Spec) -> &[MetricSpec] {
        &[]
    }
}

/// A resource as it is kept.
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) spec: Map<String, Value>,
    /// The sealed secret.
    pub(crate) credential: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) counted: Option<i64>,
}

/// The columns of [`Stored`], of the table `r`.
pub(crate) fn columns<R: Resource>() -> String {
    let counted = R::COUNTED.map_or("NULL", |(_, sql)| sql);
    format!(
        "r.id, r.spec, r.credential, r.version, r.created_at, r.updated_at, {counted} AS counted"
    )
}

impl Stored {
    /// Reads a row with [`columns`].
    pub(crate) fn read<R: Resource>(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.text("id")?,
            spec: row.json("spec")?,
            credential: row.opt_text("credential")?,
            version: row.int("version")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            counted: if R::COUNTED.is_some() {
                row.opt_int("counted")?
            } else {
                None
            },
        })
    }

    /// The resource of that id, unless it is deleted.
    pub(crate) async fn find<R: Resource>(db: &ScopedDb, id: &str) -> Result<Self, Problem> {
        let sql = format!(
            "SELECT {} FROM {} r WHERE r.workspace_id = $1 AND r.id = $2 AND r.deleted_at IS NULL",
            columns::<R>(),
            R::TABLE
        );
        let row = db.first(&sql, [id.into()]).await?;
        Self::read::<R>(&row.ok_or_else(|| Problem::not_found(R::NOUN))?)
    }

    /// As the client sees it: never the secret, only whether there is one.
    pub(crate) fn shown<R: Resource>(&self) -> Value {
        let mut shown = self.spec.clone();
        shown.insert("id".into(), json!(self.id));
        if R::SECRET.is_some() {
            shown.insert("has_credential".into(), json!(self.credential.is_some()));
        }
        if let Some((name, _)) = R::COUNTED {
            shown.insert(name.into(), json!(self.counted.unwrap_or_default()));
        }
        shown.insert("version".into(), json!(self.version));
        shown.insert("created_at".into(), json!(self.created_at));
        shown.insert("updated_at".into(), json!(self.updated_at));
        Value::Object(shown)
    }
}

/// An id of the path. One that no id can look like names nothing, whatever the store makes of it.
pub(crate) fn id<'a>(ctx: &'a Ctx, param: &str, noun: &str) -> Result<&'a str, Problem> {
    let id = ctx.param(param)?;
    if is_id(id) {
        Ok(id)
    } else {
        Err(Problem::not_found(noun))
    }
}

/// Whether a text can be an id.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Reads what a client wrote: the specification, checked, and what to do with the secret.
pub(crate) async fn parse<R: Resource>(
    platform: &Platform,
    mut body: Map<String, Value>,
) -> Result<(R::Spec, Secret), Problem> {
    let secret = Secret::take(&mut body, R::SECRET)?;
    let bytes = serde_json::to_vec(&body).map_err(Problem::internal)?;
    let spec: R::Spec = parse_json(&bytes)?;
    spec.validate().map_err(Problem::validation)?;
    let metrics = metrics::list("/metrics".into(), R::metrics(&spec));
    metrics::check(platform, metrics.into_iter().collect()).await?;
    Ok((spec, secret))
}

/// The specification with its defaults filled in.
pub(crate) fn to_map<R: Resource>(spec: &R::Spec) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(spec).map_err(Problem::internal)? {
        Value::Object(map) => Ok(map),
        _ => Err(Problem::internal("a specification is not an object")),
    }
}
