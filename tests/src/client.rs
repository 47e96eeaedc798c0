//! A client of the HTTP API that takes every status as an answer.

use crate::wait_for;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text; what is no UTF-8 is replaced.
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is not.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The body as JSON, after a check of the status.
    ///
    /// # Panics
    /// When the status is another.
    #[must_use]
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The problem document, after a check of status, media type and `type`.
    ///
    /// # Panics
    /// When it is not such a problem.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text
        );
        let doc = self.json();
        assert_eq!(doc["type"], format!("urn:assay:problem:{kind}"), "{doc}");
        assert_eq!(doc["status"], status);
        assert!(
            doc["title"].is_string() && doc["detail"].is_string(),
            "{doc}"
        );
        doc
    }
}

/// Talks to one platform with one key.
#[derive(Clone)]
pub struct Client {
    url: String,
    authorization: Option<String>,
    agent: ureq::Agent,
}

impl Client {
    /// The first owner's public key in tests.
    pub const PUBLIC: &str = "pk-as-test-public";
    /// The first owner's secret key in tests.
    pub const SECRET: &str = "sk-as-test-secret-0123456789";

    /// A client with the first owner's key.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self::with_keys(url, Self::PUBLIC, Self::SECRET)
    }

    /// A client with another key pair.
    #[must_use]
    pub fn with_keys(url: &str, public: &str, secret: &str) -> Self {
        let basic = STANDARD.encode(format!("{public}:{secret}"));
        Self {
            authorization: Some(format!("Basic {basic}")),
            ..Self::anonymous(url)
        }
    }

    /// A client with an access token or a secret key.
    #[must_use]
    pub fn with_bearer(url: &str, token: &str) -> Self {
        Self {
            authorization: Some(format!("Bearer {token}")),
            ..Self::anonymous(url)
        }
    }

    /// A client without a key.
    #[must_use]
    pub fn anonymous(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build();
        Self {
            url: url.trim_end_matches('/').to_owned(),
            authorization: None,
            agent: config.into(),
        }
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When there is no answer at all.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    /// Sends a request to a platform that may be gone.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => self.agent.run(request.body(body).expect("a request"))?,
            None => self.agent.run(request.body(()).expect("a request"))?,
        };
        let headers = response
            .headers()
            .iter()
            .map(|(n, v)| {
                (
                    n.as_str().to_owned(),
                    v.to_str().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        let status = response.status().as_u16();
        // A stream of events does not end: see `stream`.
        let events = response
            .headers()
            .get("content-type")
            .is_some_and(|t| t.as_bytes().starts_with(b"text/event-stream"));
        let bytes = if events {
            Vec::new()
        } else {
            response
                .body_mut()
                .with_config()
                .limit(256 << 20)
                .read_to_vec()?
        };
        Ok(Answer {
            status,
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        })
    }

    /// `GET` of a body that is read while it is made. What comes later than a minute is not waited for.
    ///
    /// # Panics
    /// When the answer is not 200.
    #[must_use]
    pub fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Box<dyn std::io::BufRead> {
        let mut request = ureq::http::Request::builder().uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.streamed(request, Vec::new())
    }

    /// As [`Client::stream`], of a `POST` of JSON.
    ///
    /// # Panics
    /// When the answer is not 200.
    #[must_use]
    pub fn stream_post(&self, path: &str, body: &Value) -> Box<dyn std::io::BufRead> {
        let request = ureq::http::Request::post(format!("{}{path}", self.url))
            .header("content-type", "application/json");
        self.streamed(request, body.to_string().into_bytes())
    }

    fn streamed(
        &self,
        mut request: ureq::http::request::Builder,
        body: Vec<u8>,
    ) -> Box<dyn std::io::BufRead> {
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let request = request.body(body).expect("a request");
        let what = format!("{} {}", request.method(), request.uri());
        let response = self
            .agent
            .run(request)
            .unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(response.status(), 200, "{what}");
        Box::new(std::io::BufReader::new(response.into_body().into_reader()))
    }

    /// `GET`.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// `POST` of JSON.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "POST",
            path,
            &[("content-type", "application/json")],
            Some(body.to_string().as_bytes()),
        )
    }

    /// `PATCH` of JSON.
    #[must_use]
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "PATCH",
            path,
            &[("content-type", "application/json")],
            Some(body.to_string().as_bytes()),
        )
    }

    /// `DELETE`.
    #[must_use]
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    /// Makes an agent at `url` and gives its id.
    #[must_use]
    pub fn agent(&self, url: &str) -> String {
        let name = format!("agent {}", uuid::Uuid::now_v7());
        let body = json!({"name": name, "kind": "openai_chat", "url": url, "timeout_ms": 5000});
        id(&self.post("/api/v1/agents", &body).expect(201))
    }

    /// Makes a dataset of `items` and gives its id.
    #[must_use]
    pub fn dataset(&self, items: &Value) -> String {
        let name = format!("dataset {}", uuid::Uuid::now_v7());
        let dataset = id(&self
            .post("/api/v1/datasets", &json!({"name": name}))
            .expect(201));
        let _ = self
            .post(
                &format!("/api/v1/datasets/{dataset}/items"),
                &json!({"items": items}),
            )
            .expect(200);
        dataset
    }

    /// Makes a model at `base_url` and gives its id.
    #[must_use]
    pub fn model(&self, base_url: &str) -> String {
        let name = format!("model {}", uuid::Uuid::now_v7());
        let body = json!({"name": name, "base_url": base_url, "model": "scripted", "api_key": "sk-model-canary"});
        id(&self.post("/api/v1/models", &body).expect(201))
    }

    /// Starts a campaign and gives its id.
    #[must_use]
    pub fn start(&self, spec: &Value) -> String {
        id(&self.post("/api/v1/campaigns", spec).expect(202))
    }

    /// Waits for a campaign's end and gives it.
    #[must_use]
    pub fn finished(&self, campaign: &str, seconds: u64) -> Value {
        wait_for("the campaign ends", seconds, || {
            let answer = self
                .try_send("GET", &format!("/api/v1/campaigns/{campaign}"), &[], None)
                .ok()?;
            let campaign = answer.json();
            (campaign["status"] == "completed" || campaign["status"] == "cancelled")
                .then_some(campaign)
        })
    }

    /// A run of a list, with all that the list leaves out.
    #[must_use]
    pub fn run(&self, listed: &Value) -> Answer {
        let id = listed["run_id"].as_str().expect("id");
        self.get(&format!("/api/v1/runs/{id}"))
    }

    /// The trace of a run.
    #[must_use]
    pub fn trace(&self, run: &Value) -> Answer {
        let id = run["trace_id"].as_str().expect("id");
        self.get(&format!("/api/v1/traces/{id}"))
    }

    /// All runs of a campaign, over all pages.
    #[must_use]
    pub fn runs(&self, campaign: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self
                .get(&format!(
                    "/api/v1/campaigns/{campaign}/runs?limit=100{cursor}"
                ))
                .expect(200);
            all.extend(page["data"].as_array().expect("data").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }
}

fn id(created: &Value) -> String {
    created["id"].as_str().expect("an id").to_owned()
}
