//! The part of Spin's runtime configuration that this engine reads.
//!
//! ```toml
//! [key_value_store.sessions]
//! type = "redis"                # or "spin", with `path`
//! url = "redis://127.0.0.1:6379"
//! [sqlite_database.analytics]
//! type = "spin"
//! path = "analytics.db"         # relative to this file
//! [outbound_networking]
//! block_networks = ["private", "198.51.100.0/24"]
//! allow_networks = ["127.0.0.1/32"]       # ours: exceptions
//! [[variables_provider]]
//! type = "static"
//! values = { token = "..." }
//! ```

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{StartError, manifest::toml_error};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuntimeConfig {
    #[serde(default)]
    pub(crate) key_value_store: BTreeMap<String, KeyValueStore>,
    #[serde(default)]
    pub(crate) sqlite_database: BTreeMap<String, SqliteDatabase>,
    #[serde(default)]
    pub(crate) outbound_networking: OutboundNetworking,
    #[serde(default, alias = "config_provider")]
    variables_provider: Vec<VariablesProvider>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum KeyValueStore {
    Spin { path: PathBuf },
    Redis { url: String },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum SqliteDatabase {
    Spin { path: PathBuf },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboundNetworking {
    #[serde(default)]
    pub(crate) block_networks: Vec<String>,
    #[serde(default)]
    pub(crate) allow_networks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum VariablesProvider {
    Static { values: BTreeMap<String, String> },
}

impl std::fmt::Debug for VariablesProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Static { .. }")
    }
}

impl RuntimeConfig {
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, StartError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let error = |message: String| StartError::RuntimeConfig {
            path: path.to_owned(),
            message,
        };
        let text = std::fs::read_to_string(path).map_err(|e| error(e.to_string()))?;
        let mut config: Self = toml::from_str(&text).map_err(|e| error(toml_error(&text, &e)))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for store in config.key_value_store.values_mut() {
            if let KeyValueStore::Spin { path } = store {
                *path = folder.join(&*path);
            }
        }
        for SqliteDatabase::Spin { path } in config.sqlite_database.values_mut() {
            *path = folder.join(&*path);
        }
        Ok(config)
    }

    /// Values of the static providers, the first one winning.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for VariablesProvider::Static { values } in &self.variables_provider {
            for (name, value) in values {
                out.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RuntimeConfig, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("runtime-config.toml");
        std::fs::write(&path, text).unwrap();
        RuntimeConfig::read(Some(&path)).map_err(|e| e.to_string())
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let config = read("[sqlite_database.a]\ntype = \"spin\"\npath = \"x/a.db\"").unwrap();
        let SqliteDatabase::Spin { path } = &config.sqlite_database["a"];
        assert!(path.is_absolute() && path.ends_with("x/a.db"));
    }

    #[test]
    fn unknown_types_and_keys_are_errors() {
        for (text, expected) in [
            (
                "[key_value_store.a]\ntype = \"azure\"",
                "unknown variant `azure`",
            ),
            (
                "[key_value_store.a]\ntype = \"redis\"",
                "missing field `url`",
            ),
            (
                "[sqlite_database.a]\ntype = \"libsql\"",
                "unknown variant `libsql`",
            ),
            ("[llm_compute]\ntype = \"x\"", "unknown field `llm_compute`"),
            (
                "[[variables_provider]]\ntype = \"vault\"",
                "unknown variant `vault`",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
