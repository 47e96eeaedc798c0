//! What a resource is: a specification that the client writes, and what the platform keeps beside it.

use crate::metrics;
use crate::place::{Params, Parent, Place};
use crate::secret::Secret;
use assay_edge::db::{Row, ScopedDb, Statement};
use assay_edge::{Ctx, Platform, Problem, parse_json};
use assay_graph::protocol::MetricList;
use assay_model::{Timestamp, Validate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// How one kind of resource differs from the others.
pub(crate) trait Resource {
    /// What the client writes.
    type Spec: Serialize + DeserializeOwned + Validate;
    /// The table, the segment of the path (with `-` for `_`) and the first part of where secrets belong.
    const TABLE: &'static str;
    /// The path's parameter with the id.
    const ID: &'static str = "id";
    /// What it is below of, if not of the workspace alone.
    const PARENT: Option<Parent> = None;
    /// Whether every version is kept.
    const VERSIONED: bool = false;
    /// Fields that are said of one version: a merge patch does not carry them on.
    const OF_ONE_VERSION: &'static [&'static str] = &[];
    /// Fields of what is kept that clients neither write nor change: they follow from what it was made of.
    const KNOWN: &'static [&'static str] = &[];
    /// Whether labels name versions.
    const LABELLED: bool = false;
    /// For people.
    const NOUN: &'static str;
    /// The write-only field, if there is one.
    const SECRET: Option<&'static str> = None;
    /// A number that is counted rather than kept: its name, and SQL over the table `r`.
    const COUNTED: Option<(&'static str, &'static str)> = None;

    /// The name, unique in the workspace.
    fn name(spec: &Self::Spec) -> &str;

    /// What `q` looks in besides the name.
    fn description(_spec: &Self::Spec) -> &str {
        ""
    }

    /// The metrics in the specification, with where they stand.
    fn metrics(_spec: &Self::Spec) -> Vec<MetricList> {
        Vec::new()
    }

    /// Refuses what is wrong beyond the specification itself.
    fn check(_spec: &Self::Spec) -> Result<(), Problem> {
        Ok(())
    }

    /// Takes out of what a client wrote to make one what is kept apart from the specification.
    fn apart(_body: &mut Map<String, Value>) -> Result<Option<Apart>, Problem> {
        Ok(None)
    }

    /// Refuses a change of what is kept apart.
    fn unchanging(_body: &Map<String, Value>) -> Result<(), Problem> {
        Ok(())
    }

    /// Programs that it names, each with its JSON pointer.
    fn programs(_spec: &Self::Spec) -> Vec<(String, &str)> {
        Vec::new()
    }

    /// Others of its kind that it refers to, each with its JSON pointer.
    fn references(_spec: &Self::Spec) -> Vec<(String, &str)> {
        Vec::new()
    }

    /// Models that it names, each with its JSON pointer.
    fn models(_spec: &Self::Spec) -> Vec<(String, &str)> {
        Vec::new()
    }

    /// The names of secrets in it, each with its JSON pointer.
    fn secrets(_spec: &Self::Spec) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Refuses what cannot be done with the write-only field: `old` is the specification that is changed, of a new one none.
    fn check_secret(
        _old: Option<&Map<String, Value>>,
        _new: &Self::Spec,
        _secret: &Secret,
    ) -> Result<(), Problem> {
        Ok(())
    }

    /// Called before the first list and the first creation: what every workspace begins with.
    fn begin(_db: &ScopedDb) -> impl Future<Output = Result<(), Problem>> {
        async { Ok(()) }
    }

    /// Adds what follows from the specification to what is shown of it.
    fn derive(_shown: &mut Map<String, Value>) {}
}

/// What is kept apart from a specification, since it is large and never changes.
pub(crate) struct Apart {
    /// What is known of it, for [`Resource::KNOWN`].
    pub(crate) known: Map<String, Value>,
    /// Writes it, by the resource's id.
    pub(crate) keep: Box<dyn Fn(&str) -> Statement>,
}

/// The text that `q` looks in: name and description in lower case.
pub(crate) fn search<R: Resource>(spec: &R::Spec) -> String {
    // Postgres has no text with NUL in it.
    format!("{}\n{}", R::name(spec), R::description(spec))
        .to_lowercase()
        .replace('\0', "")
}

/// A resource as it is kept.
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) spec: Map<String, Value>,
    /// The sealed secret.
    pub(crate) credential: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) counted: Option<i64>,
    /// The highest version that was deleted, where versions are.
    pub(crate) last_version: i64,
    /// Labels with the versions they name.
    pub(crate) labels: Map<String, Value>,
}

const LABELS_SQLITE: &str = "(SELECT json_group_object(l.label, l.version) FROM prompt_labels l \
     WHERE l.workspace_id = r.workspace_id AND l.prompt_id = r.id)";
const LABELS_POSTGRES: &str = "(SELECT json_object_agg(l.label, l.version)::text FROM prompt_labels l \
     WHERE l.workspace_id = r.workspace_id AND l.prompt_id = r.id)";

/// The columns of [`Stored`], of the table `r`.
pub(crate) fn columns<R: Resource>(db: &ScopedDb) -> String {
    let counted = R::COUNTED.map_or("NULL", |(_, sql)| sql);
    let (labels, last) = if R::LABELLED {
        (db.pick(LABELS_SQLITE, LABELS_POSTGRES), "r.last_version")
    } else {
        ("NULL", "0")
    };
    format!(
        "r.id, r.name, r.spec, r.credential, r.version, r.created_by, r.created_at, r.updated_at, r.deleted_at, \
         {counted} AS counted, {labels} AS labels, CAST({last} AS BIGINT) AS last_version"
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
            created_by: row.opt_text("created_by")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            deleted_at: row.opt_int("deleted_at")?.map(Timestamp::from_micros),
            last_version: row.int("last_version")?,
            labels: if R::LABELLED {
                row.json::<Option<_>>("labels")?.unwrap_or_default()
            } else {
                Map::new()
            },
            counted: if R::COUNTED.is_some() {
                row.opt_int("counted")?
            } else {
                None
            },
        })
    }

    /// The resource of that id, unless it is deleted.
    pub(crate) async fn find<R: Resource>(
        db: &ScopedDb,
        place: &Place,
        id: &str,
    ) -> Result<Self, Problem> {
        let mut params = Params::default();
        let sql = format!(
            "SELECT {} FROM {} r WHERE {} AND r.id = {} AND r.deleted_at IS NULL",
            columns::<R>(db),
            R::TABLE,
            place.holds(&mut params),
            params.add(id)
        );
        let row = db.first(&sql, params.into_values()).await?;
        Self::read::<R>(&row.ok_or_else(|| Problem::not_found(R::NOUN))?)
    }

    /// The number of the version after this one: a number is given once, also where the newest version was deleted.
    pub(crate) fn next_version(&self) -> i64 {
        self.version.max(self.last_version) + 1
    }

    /// As the client sees it: never the secret, only whether there is one.
    pub(crate) fn shown<R: Resource>(&self) -> Value {
        let mut shown = self.spec.clone();
        R::derive(&mut shown);
        shown.insert("id".into(), json!(self.id));
        if R::SECRET.is_some() {
            shown.insert("has_credential".into(), json!(self.credential.is_some()));
        }
        if let Some((name, _)) = R::COUNTED {
            shown.insert(name.into(), json!(self.counted.unwrap_or_default()));
        }
        if R::LABELLED {
            let mut labels = self.labels.clone();
            labels.insert("latest".into(), json!(self.version));
            shown.insert("labels".into(), Value::Object(labels));
        }
        shown.insert("version".into(), json!(self.version));
        shown.insert("created_by".into(), json!(self.created_by));
        shown.insert("created_at".into(), json!(self.created_at));
        shown.insert("updated_at".into(), json!(self.updated_at));
        if let Some(at) = self.deleted_at {
            shown.insert("deleted_at".into(), json!(at));
        }
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
    workspace: &str,
    mut body: Map<String, Value>,
) -> Result<(R::Spec, Secret), Problem> {
    let secret = Secret::take(&mut body, R::SECRET)?;
    let bytes = serde_json::to_vec(&body).map_err(Problem::internal)?;
    let spec: R::Spec = parse_json(&bytes)?;
    spec.validate().map_err(Problem::validation)?;
    R::check(&spec)?;
    metrics::check(platform, workspace, R::metrics(&spec)).await?;
    Ok((spec, secret))
}

/// The resource of that name, as Langfuse's clients ask for it.
pub(crate) async fn by_name<R: Resource>(
    db: &ScopedDb,
    name: &str,
) -> Result<Option<Stored>, Problem> {
    if name.contains('\0') {
        return Ok(None);
    }
    let sql = format!(
        "SELECT {} FROM {} r WHERE r.workspace_id = $1 AND r.name = $2 AND r.deleted_at IS NULL",
        columns::<R>(db),
        R::TABLE
    );
    let row = db.first(&sql, [name.into()]).await?;
    row.map(|row| Stored::read::<R>(&row)).transpose()
}

/// As [`by_name`], or the problem that there is none.
pub(crate) async fn named<R: Resource>(db: &ScopedDb, name: &str) -> Result<Stored, Problem> {
    by_name::<R>(db, name)
        .await?
        .ok_or_else(|| Problem::not_found(R::NOUN))
}

/// The specification with its defaults filled in.
pub(crate) fn to_map<R: Resource>(spec: &R::Spec) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(spec).map_err(Problem::internal)? {
        Value::Object(map) => Ok(map),
        _ => Err(Problem::internal("a specification is not an object")),
    }
}
