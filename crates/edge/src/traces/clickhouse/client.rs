//! ClickHouse's HTTP interface: statements with bound parameters, classified errors.

use crate::config::Config;
use crate::outbound::{OutboundError, Outgoing, send_to_configured};
use crate::traces::render::Dialect;
use crate::traces::{Patience, StoreError};
use http::Method;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use url::form_urlencoded::Serializer;

/// How long an insert that a client waits for, or the proof that the server is alive, may take, in milliseconds. Exporters wait five seconds for
/// everything; what does not come in time goes to the spool.
const INSERT_MS: u64 = 2_000;
/// How long a statement, or an insert of the spool, may take, in milliseconds.
const STATEMENT_MS: u64 = 30_000;
/// Most bytes of an answer.
const MAX_ANSWER: usize = 96 << 20;

/// Values of `{p0:String}` and so on; `{w:String}` always is the workspace.
#[derive(Clone)]
pub(in crate::traces) struct Params(Vec<(String, String)>);

impl Params {
    /// No values but the workspace.
    pub(in crate::traces) fn of(workspace: &str) -> Self {
        Self(vec![("param_w".into(), escaped(workspace))])
    }

    /// None at all: for what is not of a workspace.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, kind: &str, value: String) -> String {
        let name = format!("p{}", self.0.len());
        self.0.push((format!("param_{name}"), value));
        format!("{{{name}:{kind}}}")
    }
}

impl Dialect for Params {
    const CLICKHOUSE: bool = true;
    const WORKSPACE: &'static str = "{w:String}";

    fn text(&mut self, value: &str) -> String {
        self.add("String", escaped(value))
    }

    /// One value, which is read faster than many.
    fn texts(&mut self, values: &[&str]) -> String {
        let all: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        self.add("Array(String)", format!("[{}]", all.join(",")))
    }

    fn pairs(&mut self, values: &[(&str, &str)]) -> String {
        let all: Vec<String> = values
            .iter()
            .map(|(a, b)| format!("({},{})", quoted(a), quoted(b)))
            .collect();
        self.add(
            "Array(Tuple(String, String))",
            format!("[{}]", all.join(",")),
        )
    }

    fn int(&mut self, value: i64) -> String {
        self.add("Int64", value.to_string())
    }

    fn real(&mut self, value: f64) -> String {
        self.add("Float64", value.to_string())
    }

    fn time(&mut self, micros: i64) -> String {
        format!("fromUnixTimestamp64Micro({}, 'UTC')", self.int(micros))
    }
}

/// Parameters are read like fields of TSV.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            c => out.push(c),
        }
    }
    out
}

/// A text within an array.
fn quoted(value: &str) -> String {
    format!("'{}'", escaped(value).replace('\'', "\\'"))
}

/// A server and its database.
pub(super) struct Client {
    url: String,
    database: String,
    headers: Vec<(String, String)>,
}

impl Client {
    pub(super) fn new(config: &Config) -> Self {
        let headers = [
            ("x-clickhouse-user", &config.clickhouse_user),
            ("x-clickhouse-key", &config.clickhouse_password),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
        Self {
            url: config.clickhouse_url.clone(),
            database: config.clickhouse_database.clone(),
            headers,
        }
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }

    async fn post(
        &self,
        query: &[(&str, &str)],
        params: Params,
        body: Vec<u8>,
        ms: u64,
    ) -> Result<bytes::Bytes, StoreError> {
        let mut text = Serializer::new(String::new());
        text.extend_pairs(query).extend_pairs(&params.0);
        let answer = send_to_configured(Outgoing {
            method: Method::POST,
            url: format!("{}/?{}", self.url, text.finish()),
            headers: self.headers.clone(),
            credential: None,
            secret_headers: Vec::new(),
            secrets: BTreeMap::new(),
            body,
            timeout_ms: ms,
            max_bytes: MAX_ANSWER,
        })
        .await
        .map_err(unreachable)?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        let code = answer
            .headers
            .get("x-clickhouse-exception-code")
            .and_then(|v| v.to_str().ok()?.parse().ok());
        let text: String = String::from_utf8_lossy(&answer.body)
            .chars()
            .take(500)
            .collect();
        Err(refused(answer.status.as_u16(), code, text.trim()))
    }

    /// Appends rows, one JSON object a line. Returns when they are durable.
    pub(super) async fn insert(
        &self,
        table: &str,
        lines: Vec<u8>,
        patience: Patience,
    ) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let sql = format!("INSERT INTO {table} FORMAT JSONEachRow");
        let query = [
            ("database", self.database.as_str()),
            ("query", &sql),
            ("async_insert", "1"),
            ("wait_for_async_insert", "1"),
            // Off, a field that the table lacks is an error, not a loss.
            ("input_format_skip_unknown_fields", "0"),
            ("date_time_input_format", "basic"),
        ];
        let ms = match patience {
            Patience::Client => INSERT_MS,
            Patience::Spool => STATEMENT_MS,
        };
        self.post(&query, Params::none(), lines, ms)
            .await
            .map(|_| ())
    }

    /// Runs a statement that answers with rows.
    pub(super) async fn rows<R: DeserializeOwned>(
        &self,
        sql: &str,
        params: Params,
    ) -> Result<Vec<R>, StoreError> {
        let query = [
            ("database", self.database.as_str()),
            ("default_format", "JSONEachRow"),
            // An error within the rows becomes a status.
            ("wait_end_of_query", "1"),
        ];
        let sql = format!("{sql} SETTINGS output_format_json_quote_64bit_integers = 0");
        let body = self.post(&query, params, sql.into(), STATEMENT_MS).await?;
        let rows = serde_json::Deserializer::from_slice(&body)
            .into_iter()
            .collect::<Result<_, _>>();
        rows.map_err(|e| StoreError::Other(format!("an answer cannot be read: {e}")))
    }

    /// Runs a statement that answers with nothing, with settings of its own.
    pub(super) async fn command(
        &self,
        sql: &str,
        params: Params,
        settings: &[(&str, &str)],
    ) -> Result<(), StoreError> {
        let mut query = vec![("database", self.database.as_str())];
        query.extend(settings);
        self.post(&query, params, sql.into(), STATEMENT_MS)
            .await
            .map(|_| ())
    }

    /// Proves that the server answers at all, sooner than a statement would give up. Connected to no database.
    pub(super) async fn alive(&self) -> Result<(), StoreError> {
        self.post(&[], Params::none(), "SELECT 1".into(), INSERT_MS)
            .await
            .map(|_| ())
    }

    /// Makes the database. Connected to none, because it may not exist.
    pub(super) async fn create_database(&self) -> Result<(), StoreError> {
        let sql = format!("CREATE DATABASE IF NOT EXISTS `{}`", self.database);
        self.post(&[], Params::none(), sql.into(), STATEMENT_MS)
            .await
            .map(|_| ())
    }
}

fn unreachable(e: OutboundError) -> StoreError {
    match e {
        OutboundError::TooLarge(n) => {
            StoreError::Other(format!("the answer is larger than {n} bytes"))
        }
        e => StoreError::Unavailable(e.to_string()),
    }
}

/// Whether a refusal passes by itself or by the operator's hand, or is our fault.
fn refused(status: u16, code: Option<u32>, text: &str) -> StoreError {
    let cause = format!("status {status}, code {}: {text}", code.unwrap_or_default());
    let unavailable = match code {
        // Time or memory is up, too much at once, disk full, read-only, shutting down, network, no such database or
        // table any more, credentials are wrong.
        Some(
            60
            | 81
            | 159
            | 160
            | 164
            | 192..=194
            | 202
            | 203
            | 209
            | 210
            | 236
            | 241
            | 242
            | 243
            | 252
            | 279
            | 285
            | 319
            | 394
            | 425
            | 439
            | 497
            | 516
            | 733
            | 735,
        ) => true,
        Some(_) => false,
        // No ClickHouse, but something in front of it.
        None => true,
    };
    if unavailable {
        StoreError::Unavailable(cause)
    } else {
        StoreError::Other(cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        let mut params = Params::of("w");
        assert_eq!(
            (params.text("a\tb\\n\n"), params.int(-5)),
            ("{p1:String}".into(), "{p2:Int64}".into())
        );
        let values: Vec<_> = params
            .0
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            values,
            [
                ("param_w", "w"),
                ("param_p1", "a\\tb\\\\n\\n"),
                ("param_p2", "-5")
            ]
        );
    }

    #[test]
    fn refusals() {
        for (code, down) in [
            (Some(243), true),
            (Some(164), true),
            (Some(516), true),
            (None, true),
            (Some(62), false),
        ] {
            assert_eq!(
                matches!(refused(500, code, ""), StoreError::Unavailable(_)),
                down,
                "{code:?}"
            );
        }
    }
}
