//! The little of the HTTP API that the benchmarks need.

use crate::platform::{Platform, authorization};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A client with the owner's key.
pub(crate) struct Api {
    agent: ureq::Agent,
    url: String,
}

impl Api {
    /// A client of a platform.
    pub(crate) fn new(platform: &Platform) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self {
            agent: config.into(),
            url: platform.url(),
        }
    }

    /// `GET`.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let request = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("authorization", authorization());
        answer(path, request.call())
    }

    /// `POST` of JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", authorization())
            .header("content-type", "application/json");
        answer(path, request.send(body.to_string()))
    }

    /// Makes something and gives its id.
    pub(crate) fn create(&self, path: &str, body: &Value) -> Result<String> {
        text(&self.post(path, body)?, "id")
    }

    /// Makes a dataset of `count` single-turn items that all expect `expected`, and gives its id.
    pub(crate) fn dataset(&self, name: &str, count: usize, expected: &str) -> Result<String> {
        /// As many as one request may carry.
        const BATCH: usize = 1000;
        let id = self.create("/api/v1/datasets", &json!({ "name": name }))?;
        let all: Vec<usize> = (0..count).collect();
        for batch in all.chunks(BATCH) {
            let items: Vec<Value> = batch
                .iter()
                .map(|i| json!({"key": format!("item-{i:06}"), "input": format!("ping {i}"), "expected_output": expected}))
                .collect();
            let path = format!("/api/v1/datasets/{id}/items");
            self.post(&path, &json!({ "items": items }))?;
        }
        Ok(id)
    }

    /// Waits for a campaign's end and gives it. Asks seldom, since each question takes time from what is measured.
    pub(crate) fn finished(&self, campaign: &str, patience: Duration) -> Result<Value> {
        let end = Instant::now() + patience;
        loop {
            let found = self.get(&format!("/api/v1/campaigns/{campaign}"))?;
            if found.get("status").and_then(Value::as_str) == Some("completed") {
                return Ok(found);
            }
            if Instant::now() > end {
                bail!(
                    "the campaign does not end within {} s: {found}",
                    patience.as_secs()
                );
            }
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    /// The ids of a campaign's runs, over all pages.
    pub(crate) fn runs(&self, campaign: &str) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!(
                "/api/v1/campaigns/{campaign}/runs?limit=100{cursor}"
            ))?;
            let data = page
                .get("data")
                .and_then(Value::as_array)
                .context("no data")?;
            for run in data {
                ids.push(text(run, "run_id")?);
            }
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(ids),
            }
        }
    }
}

/// A text field of an answer.
pub(crate) fn text(value: &Value, name: &str) -> Result<String> {
    let field = value.get(name).and_then(Value::as_str);
    Ok(field
        .with_context(|| format!("no `{name}` in {value}"))?
        .to_owned())
}

fn answer(
    path: &str,
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Value> {
    let mut response = response.with_context(|| path.to_owned())?;
    let status = response.status();
    let body = response
        .body_mut()
        .with_config()
        .limit(256 << 20)
        .read_to_string()?;
    if !status.is_success() {
        bail!("{path} was answered {status}: {body}");
    }
    serde_json::from_str(&body).with_context(|| format!("{path}: no JSON"))
}
