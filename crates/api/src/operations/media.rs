//! Files beside traces in the paths and shapes of Langfuse. Part of the component `ingest`.

use crate::examples::{ID, TIME};
use crate::operation::Access::{Needs, Public};
use crate::operation::{Make, Operation, Part};
use assay_access::Permission::{TracesRead, TracesWrite};
use assay_model::Timestamp;
use assay_model::schema::NAME;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What of a trace, or of an item of a dataset, names the file.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum LangfuseMediaField {
    Input,
    /// Of a trace or an observation alone.
    Output,
    /// Of an item alone.
    ExpectedOutput,
    Metadata,
}

/// A file that a client wants to upload: of a trace, or of an item of a dataset. Fields that are not named here are left
/// out of account.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfuseMediaSpec {
    /// The trace, which may arrive later; without one there is an item.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    trace_id: Option<String>,
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    observation_id: Option<String>,
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    dataset_id: Option<String>,
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    dataset_item_id: Option<String>,
    /// Without parameters.
    #[schemars(
        length(max = 200),
        regex(pattern = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+/[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
    )]
    content_type: String,
    /// Bytes.
    #[schemars(range(min = 1, max = 33_554_432))]
    content_length: i64,
    /// In base64.
    #[schemars(regex(pattern = r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=?$"))]
    sha256_hash: String,
    field: LangfuseMediaField,
}

/// Where to upload the file.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseMediaUpload {
    /// The beginning of the hash, in URL-safe base64.
    media_id: String,
    /// Takes the bytes with `PUT`, without a key, for an hour; null when the file is here.
    upload_url: Option<String>,
}

/// How an upload went for the client.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfuseMediaReport {
    uploaded_at: Timestamp,
    #[schemars(range(min = 0, max = 999))]
    upload_http_status: i64,
    /// The first 1000 characters are kept.
    #[serde(default)]
    upload_http_error: Option<String>,
    #[serde(default)]
    upload_time_ms: Option<f64>,
}

/// A file that was uploaded.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseMedia {
    media_id: String,
    content_type: String,
    /// Bytes.
    content_length: i64,
    uploaded_at: Timestamp,
    /// Gives the bytes without a key.
    url: String,
    /// Until when it does.
    url_expiry: Timestamp,
}

fn bytes() -> Make {
    Box::new(|_| json!({}))
}

fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "ingest",
        tag: "Langfuse media",
    };
    let (id, hash) = (
        "jXMWjiaEYRdLh-0TegjL-u",
        "jXMWjiaEYRdLh+0TegjL+uug38pT45fW789WIWsC+5E=",
    );
    let at = format!("https://assay.example.com/api/public/media/{id}");
    let (one, upload, content) = (
        "/api/public/media/{id}",
        "/api/public/media/{id}/upload",
        "/api/public/media/{id}/content",
    );
    let refused = "The link is for another file or has expired";
    vec![
        part.op("langfuse_put_media", "POST", "/api/public/media", Needs(TracesWrite), 201, "Announce a file as Langfuse does")
            .about("The same content is uploaded once a workspace.")
            .body::<LangfuseMediaSpec>(json!({
                "traceId": ID, "observationId": "c81c95b76fc3ddb1", "contentType": "image/png", "contentLength": 48,
                "sha256Hash": hash, "field": "input",
            }))
            .answer::<LangfuseMediaUpload>(json!({
                "mediaId": id, "uploadUrl": format!("{at}/upload?token={ID}.1795000000.qTgZ"),
            })),
        part.op("langfuse_get_media", "GET", one, Needs(TracesRead), 200, "Get a file as Langfuse does")
            .about("Only files whose bytes are here.")
            .answer::<LangfuseMedia>(json!({
                "mediaId": id, "contentType": "image/png", "contentLength": 48, "uploadedAt": TIME,
                "url": format!("{at}/content?workspace={ID}&expires=1795000000&signature=5f70"), "urlExpiry": TIME,
            })),
        part.op("langfuse_report_media", "PATCH", one, Needs(TracesWrite), 204, "Report an upload as Langfuse does")
            .about("It explains why a file is missing, and makes none of it be here.")
            .body::<LangfuseMediaReport>(json!({
                "uploadedAt": TIME, "uploadHttpStatus": 200, "uploadHttpError": "", "uploadTimeMs": 1,
            })),
        part.op("langfuse_upload_media", "PUT", upload, Public, 200, "Upload a file's bytes")
            .about("Exactly the announced bytes, of any media type. `x-amz-checksum-sha256`, where it is there, must be the announced hash.")
            .required_query("token", "What the link carries.", text())
            .takes("application/octet-stream", bytes(), Value::Null)
            .gives("text/plain", Box::new(|_| json!({"type": "string", "maxLength": 0})), Value::Null)
            .problem_as(403, refused),
        part.op("langfuse_get_media_content", "GET", content, Public, 200, "Get a file's bytes")
            .about("In the file's own media type, to be kept rather than shown by browsers.")
            .required_query("workspace", "What the link carries.", text())
            .required_query("expires", "What the link carries.", text())
            .required_query("signature", "What the link carries.", text())
            .gives("application/octet-stream", bytes(), Value::Null)
            .problem_as(403, refused),
    ]
}
