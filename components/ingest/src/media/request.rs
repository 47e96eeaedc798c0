//! What clients say about files. Fields that are not named here are left out of account, because newer clients send more.

use assay_edge::Problem;
use assay_langfuse::{MAX_ID, ids};
use assay_model::{Timestamp, Validate, Validator};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// Largest file, in bytes.
const MAX_BYTES: i64 = 32 << 20;
/// Longest media type, in bytes.
const CONTENT_TYPE: usize = 200;
/// Most that is kept of an error, in characters.
const ERROR: usize = 1_000;

/// The id and the canonical spelling of a SHA-256 in base64.
pub(super) fn canonical(sha256: &str) -> Result<(String, String), Problem> {
    let id = ids::media_id(sha256);
    let hash = ids::media_hash(sha256);
    id.and_then(|id| Ok((id, STANDARD.encode(hash?))))
        .map_err(|e| Problem::field(format!("/{}", e.field), e.message))
}

/// A file that a client wants to upload, of a trace or of an item of a dataset.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Announced {
    #[serde(default)]
    pub(super) trace_id: Option<String>,
    #[serde(default)]
    pub(super) observation_id: Option<String>,
    #[serde(default)]
    dataset_id: Option<String>,
    #[serde(default)]
    pub(super) dataset_item_id: Option<String>,
    pub(super) content_type: String,
    pub(super) content_length: i64,
    pub(super) sha256_hash: String,
    pub(super) field: String,
}

/// `type/subtype` of RFC 9110, without parameters.
fn is_media_type(text: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    };
    text.len() <= CONTENT_TYPE
        && text
            .split_once('/')
            .is_some_and(|(kind, sub)| token(kind) && token(sub))
}

impl Validate for Announced {
    fn check(&self, v: &mut Validator) {
        for (name, id) in [
            ("traceId", &self.trace_id),
            ("observationId", &self.observation_id),
            ("datasetId", &self.dataset_id),
            ("datasetItemId", &self.dataset_item_id),
        ] {
            if let Some(id) = id {
                v.name(name, id, MAX_ID);
            }
        }
        let of_item = self.dataset_id.is_some() || self.dataset_item_id.is_some();
        if of_item {
            let alone = self.trace_id.is_none() && self.observation_id.is_none();
            v.require(alone, "traceId", "must be null beside a dataset");
            for (name, id) in [
                ("datasetId", &self.dataset_id),
                ("datasetItemId", &self.dataset_item_id),
            ] {
                v.require(id.is_some(), name, "must be there beside the other");
            }
        } else {
            let message = "must be there, or datasetId and datasetItemId";
            v.require(self.trace_id.is_some(), "traceId", message);
        }
        let fields = if of_item {
            ["input", "expectedOutput", "metadata"]
        } else {
            ["input", "output", "metadata"]
        };
        v.require(
            fields.contains(&self.field.as_str()),
            "field",
            format!("must be one of {}", fields.join(", ")),
        );
        v.require(
            is_media_type(&self.content_type),
            "contentType",
            "must be a media type such as image/png",
        );
        v.range("contentLength", self.content_length, 1, MAX_BYTES);
        if let Err(e) = ids::media_hash(&self.sha256_hash) {
            v.error(&e.field, e.message);
        }
    }
}

/// How an upload went.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reported {
    #[serde(rename = "uploadedAt")]
    _uploaded_at: Timestamp,
    pub(super) upload_http_status: i64,
    #[serde(default)]
    upload_http_error: Option<String>,
    #[serde(rename = "uploadTimeMs", default)]
    _upload_time_ms: Option<f64>,
}

impl Reported {
    /// The beginning of the error; clients send the whole answer, and an empty text where there is none.
    pub(super) fn error(&self) -> Option<String> {
        let text = self.upload_http_error.as_deref()?;
        // Postgres keeps no NUL.
        let start: String = text.chars().filter(|c| *c != '\0').take(ERROR).collect();
        (!start.is_empty()).then_some(start)
    }
}

impl Validate for Reported {
    fn check(&self, v: &mut Validator) {
        v.range("uploadHttpStatus", self.upload_http_status, 0, 999);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use serde_json::{Value, json};

    const HASH: &str = "jXMWjiaEYRdLh+0TegjL+uug38pT45fW789WIWsC+5E=";

    #[track_caller]
    fn check(changed: Value, wrong: &[&str]) {
        let mut body = json!({
            "traceId": "t", "observationId": "o", "datasetId": null, "datasetItemId": null, "contentType": "image/png",
            "contentLength": 48, "sha256Hash": HASH, "field": "input", "new": 1,
        });
        for (name, value) in changed.as_object().unwrap() {
            body.as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone());
        }
        let errors = serde_json::from_value::<Announced>(body)
            .unwrap()
            .validate();
        let fields: Vec<String> = errors
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|e| e.field)
            .collect();
        assert_eq!(fields, wrong);
    }

    #[test]
    fn announcements() {
        check(json!({}), &[]);
        check(json!({"observationId": null, "field": "output"}), &[]);
        check(json!({"traceId": null}), &["/traceId"]);
        check(json!({"traceId": "x".repeat(201)}), &["/traceId"]);
        let item = |field: &str| json!({"traceId": null, "observationId": null, "datasetId": "d", "datasetItemId": "i", "field": field});
        check(item("expectedOutput"), &[]);
        check(item("output"), &["/field"]);
        check(json!({"datasetId": "d"}), &["/traceId", "/datasetItemId"]);
        check(json!({"field": "expectedOutput"}), &["/field"]);
        check(json!({"sha256Hash": "abc"}), &["/sha256Hash"]);
        for length in [0, -1, MAX_BYTES + 1] {
            check(json!({"contentLength": length}), &["/contentLength"]);
        }
        check(json!({"contentLength": MAX_BYTES}), &[]);
        check(json!({"contentType": "image/svg+xml"}), &[]);
        for wrong in [
            "",
            "png",
            "image/",
            "/png",
            "image/png\r\nx: y",
            "image/png; a=b",
            "a/b/c",
        ] {
            check(json!({"contentType": wrong}), &["/contentType"]);
        }
    }

    #[test]
    fn reports() {
        let error = |text: Value| {
            let body = json!({"uploadedAt": "2026-11-24T04:19:58.038275Z", "uploadHttpStatus": 200, "uploadHttpError": text, "uploadTimeMs": 1});
            serde_json::from_value::<Reported>(body).unwrap().error()
        };
        assert_eq!(error(Value::Null), None);
        assert_eq!(error(json!("")), None);
        assert_eq!(error(json!("a\u{0}b")).as_deref(), Some("ab"));
        assert_eq!(
            error(json!("é".repeat(2_000))).map(|e| e.chars().count()),
            Some(ERROR)
        );
    }

    #[test]
    fn hashes_in_any_spelling_are_one() {
        let one = canonical(HASH).unwrap();
        assert_eq!(one, ("jXMWjiaEYRdLh-0TegjL-u".to_owned(), HASH.to_owned()));
        assert_eq!(canonical(HASH.trim_end_matches('=')).unwrap(), one);
        assert!(canonical("x").is_err());
    }
}
