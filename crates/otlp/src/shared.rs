//! What the spans, or the records, of one resource and scope have in common.

use crate::MapContext;
use crate::attributes::{Attributes, within};
use crate::own;
use crate::proto::{Resource, Scope};
use crate::trace;
use crate::value::object;
use serde_json::{Map, Value, json};

/// Attributes of resource and scope are copied onto each span: how many bytes of them.
const SHARED_BYTES: usize = 4096;

/// The attributes of a resource by which people look for its spans: they are never cut.
const SOUGHT: [&str; 7] = [
    "service.name",
    "service.version",
    "langfuse.environment",
    "langfuse.release",
    "deployment.environment.name",
    "deployment.environment",
    "openinference.project.name",
];

pub(crate) struct Shared {
    /// What each observation's metadata says of resource and scope.
    pub(crate) metadata: Map<String, Value>,
    pub(crate) environments: [Option<String>; 3],
    pub(crate) release: Option<String>,
    pub(crate) version: Option<String>,
    /// Whether the scope is Vercel's AI SDK.
    pub(crate) vercel: bool,
    /// Whether values of metadata are JSON texts.
    pub(crate) encoded: bool,
    /// Whether the client called its generations spans.
    pub(crate) untyped: bool,
    /// Whether the scope is our own: its spans say all of themselves, and the resource nothing more.
    pub(crate) own: bool,
    /// What the resource says, for scopes that are not our own.
    resource: Said,
}

/// What a resource says of each of its spans.
#[derive(Clone, Default)]
struct Said {
    metadata: Map<String, Value>,
    environments: [Option<String>; 3],
    release: Option<String>,
    version: Option<String>,
}

impl Shared {
    /// For a resource, before its first scope.
    pub(crate) fn new(resource: Option<Resource>, ctx: &MapContext) -> Self {
        let list = resource.map(|r| r.attributes).unwrap_or_default();
        let all = Attributes::new(list);
        let text = |key| all.text(key).map(ToOwned::to_owned);
        let (environments, release, version) = (
            trace::environments(&all),
            text("langfuse.release"),
            text("service.version"),
        );
        let mut list = all.into_list();
        list.sort_by_key(|kv| !SOUGHT.contains(&kv.key.as_str()));
        let (kept, cut) = within(list, SHARED_BYTES);
        let mut attributes = object(kept);
        if cut {
            attributes.insert("assay.truncated".to_owned(), Value::Bool(true));
        }
        let mut metadata = Map::new();
        if !attributes.is_empty() {
            metadata.insert("resource_attributes".to_owned(), Value::Object(attributes));
        }
        let mut shared = Self {
            metadata: Map::new(),
            environments: [const { None }; 3],
            release: None,
            version: None,
            vercel: false,
            encoded: ctx.encodes_metadata(),
            untyped: ctx.calls_generations_spans(),
            own: false,
            resource: Said {
                metadata,
                environments,
                release,
                version,
            },
        };
        shared.say();
        shared
    }

    /// Says of the spans of the scope what the resource says.
    fn say(&mut self) {
        let said = if self.own {
            Said::default()
        } else {
            self.resource.clone()
        };
        self.metadata = said.metadata;
        self.environments = said.environments;
        self.release = said.release;
        self.version = said.version;
    }

    /// Moves on to the next scope.
    pub(crate) fn enter(&mut self, scope: Option<Scope>) {
        let scope = scope.unwrap_or_default();
        self.vercel = scope.name == "ai";
        let own = scope.name == own::SCOPE;
        if self.own != own {
            self.own = own;
            self.say();
        }
        if own {
            return;
        }
        if scope == Scope::default() {
            self.metadata.remove("scope");
        } else {
            let scope = Value::Object(described(scope));
            self.metadata.insert("scope".to_owned(), scope);
        }
    }
}

fn described(scope: Scope) -> Map<String, Value> {
    let short = |text: String| -> String { text.chars().take(200).collect() };
    let (kept, _) = within(scope.attributes, SHARED_BYTES);
    let mut map = Map::from_iter([
        ("name".to_owned(), json!(short(scope.name))),
        ("version".to_owned(), json!(short(scope.version))),
    ]);
    if !kept.is_empty() {
        map.insert("attributes".to_owned(), Value::Object(object(kept)));
    }
    map
}
