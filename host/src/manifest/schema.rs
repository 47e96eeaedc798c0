//! The manifest as it is written. Every table refuses keys it does not know, so that a slip of the pen is an error.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) spin_manifest_version: i64,
    pub(super) application: Application,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Variable>,
    pub(super) trigger: Triggers,
    #[serde(default)]
    pub(super) component: BTreeMap<String, Component>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Application {
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: String,
    #[serde(default, rename = "description")]
    pub(super) _description: String,
    #[serde(default, rename = "authors")]
    pub(super) _authors: Vec<String>,
    #[serde(default, rename = "targets")]
    pub(super) _targets: Vec<toml::Value>,
    #[serde(default)]
    pub(super) trigger: toml::Table,
    #[serde(default, rename = "tool")]
    pub(super) _tool: toml::Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variable {
    #[serde(default, rename = "description")]
    pub(super) _description: Option<String>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) default: Option<String>,
    #[serde(default)]
    pub(super) secret: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Triggers {
    #[serde(default)]
    pub(super) http: Vec<HttpTrigger>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpTrigger {
    #[serde(default, rename = "id")]
    pub(super) _id: String,
    pub(super) route: Route,
    #[serde(default)]
    pub(super) component: Option<toml::Value>,
    #[serde(default)]
    pub(super) static_response: Option<StaticResponse>,
    #[serde(default)]
    pub(super) executor: Option<Executor>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "`route` is a pattern such as \"/api/...\" or `{ private = true }`"
)]
pub(super) enum Route {
    Pattern(String),
    Private(Private),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Private {
    pub(super) private: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StaticResponse {
    #[serde(default)]
    pub(super) status_code: Option<u16>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Executor {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Component {
    pub(super) source: toml::Value,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) files: Vec<toml::Value>,
    #[serde(default)]
    pub(super) exclude_files: Vec<String>,
    #[serde(default)]
    pub(super) allowed_http_hosts: Vec<String>,
    #[serde(default)]
    pub(super) allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub(super) key_value_stores: Vec<String>,
    #[serde(default)]
    pub(super) sqlite_databases: Vec<String>,
    #[serde(default)]
    pub(super) ai_models: Vec<String>,
    #[serde(default, rename = "targets")]
    pub(super) _targets: Option<Vec<toml::Value>>,
    #[serde(default, rename = "build")]
    pub(super) _build: Option<toml::Value>,
    #[serde(default)]
    pub(super) tool: Tools,
    #[serde(default)]
    pub(super) dependencies_inherit_configuration: Option<bool>,
    #[serde(default)]
    pub(super) dependencies: toml::Table,
    #[serde(default)]
    pub(super) profile: toml::Table,
}

/// What is said to tools; we are one of them, and others' words are theirs.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Tools {
    #[serde(default, rename = "assay-host")]
    pub(super) engine: Bounds,
}

/// `[component.<id>.tool.assay-host]`: what a component may take, where that is less than others may.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bounds {
    #[serde(default)]
    pub(super) memory_mib: Option<u32>,
    #[serde(default)]
    pub(super) timeout_ms: Option<u64>,
    #[serde(default)]
    pub(super) single_use: bool,
}
