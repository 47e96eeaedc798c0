//! Where a workspace's traces are forwarded to: another platform that takes OpenTelemetry spans over HTTP.

use crate::schema::{HTTP_URL, NAME};
use crate::{FieldError, Filter, Validate, Validator, headers};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// What the other side is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DestinationKind {
    /// Langfuse: the URL is where it is, e.g. `https://cloud.langfuse.com`.
    Langfuse,
    /// Phoenix: the URL is where it is.
    Phoenix,
    /// Any collector that takes OTLP over HTTP in protobuf: the URL is the one that is posted to.
    Otlp,
}

impl DestinationKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Langfuse => "langfuse",
            Self::Phoenix => "phoenix",
            Self::Otlp => "otlp",
        }
    }
}

/// How the credential is presented. The secret itself is stored encrypted and apart.
// Unit variants would take any further field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum DestinationAuth {
    /// No credential.
    None {},
    /// `Authorization: Bearer <secret>`.
    Bearer {},
    /// `Authorization: Basic <user and secret>`. Of Langfuse, the user is the public key and the secret is the secret key.
    Basic {
        /// The user.
        #[schemars(length(min = 1, max = 200), regex(pattern = "^[ -9;-~]+$"))]
        user: String,
    },
    /// `<name>: <secret>`.
    Header {
        /// The header's name.
        #[schemars(regex(pattern = "^[A-Za-z0-9_-]+$"))]
        name: String,
    },
}

impl Default for DestinationAuth {
    fn default() -> Self {
        Self::None {}
    }
}

/// A destination as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DestinationSpec {
    /// Display name; no two of a workspace have the same.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// What the other side is.
    pub kind: DestinationKind,
    /// Where it is.
    #[schemars(url, regex(pattern = HTTP_URL))]
    pub url: String,
    /// Further request headers. Never a place for secrets: they are shown again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 50))]
    pub headers: BTreeMap<String, String>,
    /// How the credential is presented.
    #[serde(default)]
    pub auth: DestinationAuth,
    /// The project of Phoenix that traces go to; its default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub project: Option<String>,
    /// Conditions on observations, as their list takes them; all of them when absent. Judged when an observation is sent.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "conditions")]
    pub filter: Value,
    /// Which part of all traces is sent, chosen by the trace's id.
    #[serde(default = "whole")]
    #[schemars(range(min = 0, max = 1))]
    pub sampling_rate: f64,
    /// Whether anything is sent. While it is not, nothing new waits either.
    #[serde(default = "yes")]
    pub enabled: bool,
}

const fn whole() -> f64 {
    1.0
}

const fn yes() -> bool {
    true
}

fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["array", "null"],
        "maxItems": 30,
        "items": {
            "type": "object",
            "required": ["type", "column", "operator"],
            "properties": {
                "type": {"type": "string"}, "column": {"type": "string"}, "operator": {"type": "string"},
                "key": {"type": ["string", "null"]}, "value": {},
            },
        },
    })
}

impl DestinationSpec {
    /// The whole URL that is posted to.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let below = match self.kind {
            DestinationKind::Langfuse => "/api/public/otel/v1/traces",
            DestinationKind::Phoenix => "/v1/traces",
            DestinationKind::Otlp => return self.url.clone(),
        };
        let Ok(mut url) = Url::parse(&self.url) else {
            return self.url.clone();
        };
        let path = url.path().trim_end_matches('/').to_owned();
        // Whoever names more of the path than they need to means the same.
        let missing = if path.ends_with("/v1/traces") {
            ""
        } else if self.kind == DestinationKind::Langfuse && path.ends_with("/api/public/otel") {
            "/v1/traces"
        } else {
            below
        };
        url.set_path(&format!("{path}{missing}"));
        url.to_string()
    }

    /// The conditions that an observation must meet.
    ///
    /// # Errors
    /// One error a wrong condition, by pointers below the filter.
    pub fn conditions(&self) -> Result<Filter, Vec<FieldError>> {
        match &self.filter {
            Value::Null => Ok(Filter::default()),
            filter => Filter::parse("", filter),
        }
    }
}

impl Validate for DestinationSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.http_url("url", &self.url);
        v.longest("url", &self.url, 2000);
        v.at("headers", |v| {
            headers::check(v, &self.headers, &["content-encoding"]);
        });
        v.at("auth", |v| match &self.auth {
            DestinationAuth::Basic { user } => {
                v.name("user", user, 200);
                // A colon would end it, and it goes into a header.
                let fits = user.bytes().all(|b| (32..127).contains(&b) && b != b':');
                v.require(fits, "user", "must be printable ASCII without a colon");
            }
            DestinationAuth::Header { name } => headers::check_auth_name(v, name),
            DestinationAuth::None {} | DestinationAuth::Bearer {} => {}
        });
        if let Some(project) = &self.project {
            v.name("project", project, 200);
            let known = self.kind != DestinationKind::Langfuse;
            v.require(
                known,
                "project",
                "is of Phoenix; Langfuse tells it by the credential",
            );
        }
        v.at("filter", |v| {
            v.pointers(self.conditions().err().unwrap_or_default());
        });
        v.range("sampling_rate", self.sampling_rate, 0.0, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(more: Value) -> DestinationSpec {
        let mut all =
            json!({"name": "d", "kind": "otlp", "url": "https://c.example.com/v1/traces"});
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn endpoints() {
        for (kind, url, expected) in [
            (
                "otlp",
                "https://x.example/in?a=1",
                "https://x.example/in?a=1",
            ),
            (
                "phoenix",
                "http://x.example:6006",
                "http://x.example:6006/v1/traces",
            ),
            (
                "phoenix",
                "https://x.example/s/team/",
                "https://x.example/s/team/v1/traces",
            ),
            (
                "phoenix",
                "https://x.example/v1/traces",
                "https://x.example/v1/traces",
            ),
            (
                "langfuse",
                "https://x.example",
                "https://x.example/api/public/otel/v1/traces",
            ),
            (
                "langfuse",
                "https://x.example/api/public/otel/",
                "https://x.example/api/public/otel/v1/traces",
            ),
            (
                "langfuse",
                "https://x.example/lf?a=1",
                "https://x.example/lf/api/public/otel/v1/traces?a=1",
            ),
        ] {
            assert_eq!(spec(json!({"kind": kind, "url": url})).endpoint(), expected);
        }
    }

    #[track_caller]
    fn wrong(more: Value, field: &str) {
        let errors = spec(more).validate().unwrap_err();
        assert_eq!(errors[0].field, field, "{errors:?}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(spec(json!({})).validate(), Ok(()));
        wrong(json!({"name": " "}), "/name");
        wrong(json!({"url": "ftp://x"}), "/url");
        wrong(json!({"url": "https://a:b@x.example"}), "/url");
        wrong(
            json!({"headers": {"Authorization": "x"}}),
            "/headers/Authorization",
        );
        wrong(
            json!({"headers": {"content-encoding": "x"}}),
            "/headers/content-encoding",
        );
        wrong(
            json!({"auth": {"type": "basic", "user": "a:b"}}),
            "/auth/user",
        );
        wrong(
            json!({"auth": {"type": "header", "name": "a b"}}),
            "/auth/name",
        );
        wrong(json!({"kind": "langfuse", "project": "p"}), "/project");
        wrong(json!({"sampling_rate": 1.5}), "/sampling_rate");
        wrong(json!({"filter": {}}), "/filter");
        wrong(json!({"filter": [{"type": "strong"}]}), "/filter/0");
        let number =
            json!([{"type": "number", "column": "latency", "operator": ">", "value": "2"}]);
        wrong(json!({"filter": number}), "/filter/0/value");
    }
}
