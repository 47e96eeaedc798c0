//! The ClickHouse that `cargo xtask bench` starts: a real server, or the engine that the tests use.

use super::Options;
use super::load::Target;
use anyhow::{Context, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::DeserializeOwned;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Large inserts of the engine take a while.
const PATIENCE: Duration = Duration::from_secs(300);

/// A server and a database of this run's own on it.
pub(crate) struct ClickHouse {
    agent: ureq::Agent,
    url: String,
    user: String,
    password: String,
    /// The database; the platform makes it.
    pub(crate) database: String,
}

/// A column of a table.
#[derive(serde::Deserialize)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// ClickHouse's type.
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

impl ClickHouse {
    /// The configured server, with a new name for a database.
    pub(crate) fn new(options: &Options, name: &str) -> Result<Self> {
        let url = options
            .clickhouse_url
            .as_deref()
            .filter(|url| !url.is_empty())
            .context("there is no ClickHouse: ASSAY_TEST_CLICKHOUSE_URL is not set")?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build();
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        Ok(Self {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            user: options.clickhouse_user.clone(),
            password: options.clickhouse_password.clone(),
            database: format!("bench_{name}_{now}"),
        })
    }

    /// Settings that make the platform keep its traces there.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ASSAY_CLICKHOUSE_URL", self.url.clone()),
            ("ASSAY_CLICKHOUSE_USER", self.user.clone()),
            ("ASSAY_CLICKHOUSE_PASSWORD", self.password.clone()),
            ("ASSAY_CLICKHOUSE_DATABASE", self.database.clone()),
        ]
    }

    fn authorization(&self) -> String {
        let pair = format!("{}:{}", self.user, self.password);
        format!("Basic {}", STANDARD.encode(pair))
    }

    /// The server, for load.
    pub(crate) fn target(&self) -> Result<Target> {
        let addr = self
            .url
            .strip_prefix("http://")
            .and_then(|addr| addr.parse().ok())
            .with_context(|| format!("{}: not an address of this machine", self.url))?;
        Ok(Target {
            addr,
            authorization: self.authorization(),
        })
    }

    /// Runs a statement and gives its answer.
    pub(crate) fn run(&self, sql: &str) -> Result<String> {
        self.send("/?default_format=JSONEachRow", sql.as_bytes().to_vec())
            .with_context(|| sql.to_owned())
    }

    /// The path of an insert of JSON rows into a table.
    pub(crate) fn insert_path(database: &str, table: &str) -> String {
        // Percent-encoded by hand: names of tables and databases need none.
        format!(
            "/?query=INSERT%20INTO%20{database}.{table}%20FORMAT%20JSONEachRow\
             &input_format_skip_unknown_fields=1&date_time_input_format=basic"
        )
    }

    /// Inserts rows, one JSON object a line.
    pub(crate) fn insert(&self, table: &str, lines: Vec<u8>) -> Result<()> {
        let path = Self::insert_path(&self.database, table);
        self.send(&path, lines)?;
        Ok(())
    }

    fn send(&self, path: &str, body: Vec<u8>) -> Result<String> {
        let request = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", self.authorization());
        let mut answer = request.send(&body[..])?;
        let status = answer.status();
        let text = answer
            .body_mut()
            .with_config()
            .limit(256 << 20)
            .read_to_string()?;
        if !status.is_success() {
            bail!("ClickHouse answered {status}: {}", text.trim());
        }
        Ok(text)
    }

    /// Rows of an answer.
    pub(crate) fn rows<T: DeserializeOwned>(&self, sql: &str) -> Result<Vec<T>> {
        let text = self.run(sql)?;
        text.lines()
            .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
            .collect()
    }

    /// Columns of a table that an insert may name.
    pub(crate) fn columns(&self, table: &str) -> Result<Vec<Column>> {
        let sql = format!(
            "SELECT name, type FROM system.columns WHERE database = '{}' AND table = '{table}' \
             AND default_kind IN ('', 'DEFAULT')",
            self.database
        );
        let columns: Vec<Column> = self.rows(&sql)?;
        if columns.is_empty() {
            bail!("there is no table `{table}` in {}", self.database);
        }
        Ok(columns)
    }

    /// Rows of a table.
    pub(crate) fn count(&self, table: &str) -> Result<u64> {
        let text = self.run(&format!(
            "SELECT toString(count()) AS n FROM {}.{table}",
            self.database
        ))?;
        let row: serde_json::Value = serde_json::from_str(text.trim())?;
        let count = row.get("n").and_then(|n| n.as_str()?.parse().ok());
        count.with_context(|| format!("no count: {text}"))
    }

    /// Removes a database of this run.
    pub(crate) fn remove(&self, database: &str) -> Result<()> {
        self.run(&format!("DROP DATABASE IF EXISTS {database}"))?;
        Ok(())
    }
}

impl Drop for ClickHouse {
    fn drop(&mut self) {
        // A server that is gone keeps nothing either.
        let _ = self.remove(&self.database);
    }
}
