//! `webhook`: a server of the user's reads the case and answers with the score.

use crate::errand::Errand;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan};
use assay_llm::HttpCall;
use assay_model::{
    HeaderPart, SecretHeader, TestCase, Validator, check_shown_headers, is_secret_name,
};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::convert::Infallible;

pub(crate) struct Webhook;

/// Headers that the platform sets.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const SIGNATURE: &str = "x-assay-signature";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    signing_secret: Option<String>,
    #[serde(default = "default_timeout")]
    timeout_ms: u64,
}

const fn default_timeout() -> u64 {
    assay_model::WEBHOOK_TIMEOUT_MS
}

/// Whether what is sent to a URL can be read by nobody on the way.
fn is_confidential(url: &str) -> bool {
    let Some(rest) = url
        .trim_start()
        .to_ascii_lowercase()
        .strip_prefix("http:")
        .map(str::to_owned)
    else {
        return true;
    };
    let authority = rest.trim_start_matches('/');
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

impl Metric for Webhook {
    fn about(&self) -> About {
        About {
            name: "Webhook",
            description: "A server of yours is sent the case as JSON and answers `{\"score\": 0.5, \"reason\": \"...\"}`, with a \
                          `breakdown` by name where it has one. Where it fails or says anything else, there is no score.",
            required_fields: &[],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "url": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "Where the case is sent by POST; `https`. Private addresses are refused."},
                    "headers": {"type": "object", "maxProperties": 50, "additionalProperties": {"type": "string", "maxLength": 4000},
                        "description": "Headers that are sent too. A value names a secret of the workspace as in `Bearer {{ secrets.name }}`."},
                    "signing_secret": {"type": "string", "minLength": 1, "maxLength": 64,
                        "description": "The secret of the workspace that requests are signed with: `X-Assay-Signature: t=<seconds>,v1=<HMAC-SHA256 of \"<seconds>.<body>\" in hex>`."},
                    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 60_000, "default": default_timeout(),
                        "description": "How long one try may take, in milliseconds."},
                },
                "required": ["url"],
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let Ok(params) = read_params::<Params>(params) else {
            return;
        };
        v.http_url("url", &params.url);
        v.require(
            is_confidential(&params.url),
            "url",
            "must be an https URL: a case may hold what is nobody's business",
        );
        let ours = [IDEMPOTENCY_KEY, SIGNATURE];
        v.at("headers", |v| {
            check_shown_headers(v, &params.headers, &ours)
        });
        if let Some(name) = &params.signing_secret {
            let message = "must be the name of a secret of the workspace";
            v.require(is_secret_name(name), "signing_secret", message);
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let key = hex::encode(Sha256::digest(json!(["webhook", params, case]).to_string()));
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let mut headers = vec![
            ("accept".to_owned(), "application/json".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
            (IDEMPOTENCY_KEY.to_owned(), key),
        ];
        let mut secret_headers = Vec::new();
        for (name, value) in params.headers {
            let name = name.to_ascii_lowercase();
            headers.retain(|(own, _)| *own != name);
            let plain = |text: &str| Ok::<_, Infallible>(text.to_owned());
            match SecretHeader::of(&name, &value, plain) {
                Ok(Some(header)) => secret_headers.push(header),
                Ok(None) => headers.push((name, value)),
                Err(never) => match never {},
            }
        }
        secret_headers.extend(params.signing_secret.map(|secret| SecretHeader {
            name: SIGNATURE.to_owned(),
            parts: vec![HeaderPart::Signature(secret)],
        }));
        Plan::Errand(Box::new(Errand::Call(HttpCall {
            method: "POST",
            url: params.url,
            headers,
            secret_headers,
            auth: None,
            body: json!(case).to_string().into_bytes(),
            timeout_ms: params.timeout_ms,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_in_the_clear_stays_on_the_machine() {
        for fine in [
            "https://a.example",
            "http://127.0.0.1:80/x",
            "HTTP://LocalHost",
            "http://[::1]:9/",
        ] {
            assert!(is_confidential(fine), "{fine}");
        }
        for wrong in [
            "http://a.example",
            "http://localhost.a.example/",
            "http://10.0.0.1",
            "http://[::2]/",
            "http:/a.example",
        ] {
            assert!(!is_confidential(wrong), "{wrong}");
        }
    }
}
