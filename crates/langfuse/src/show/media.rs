//! Files beside traces.

use assay_model::Timestamp;
use serde_json::{Value, json};

/// A file that was uploaded.
#[derive(Debug, Clone, Copy)]
pub struct Media<'a> {
    /// Of [`crate::ids::media_id`].
    pub id: &'a str,
    /// The media type.
    pub content_type: &'a str,
    /// Bytes.
    pub content_length: u64,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// Where it can be read.
    pub url: &'a str,
    /// Until when.
    pub url_expiry: Timestamp,
}

/// `GET /api/public/media/{id}`.
#[must_use]
pub fn media(m: &Media) -> Value {
    json!({
        "mediaId": m.id,
        "contentType": m.content_type,
        "contentLength": m.content_length,
        "uploadedAt": m.uploaded_at,
        "url": m.url,
        "urlExpiry": m.url_expiry,
    })
}

/// `POST /api/public/media`: where to upload, or nowhere when the file is there.
#[must_use]
pub fn media_upload(id: &str, upload_url: Option<&str>) -> Value {
    json!({"mediaId": id, "uploadUrl": upload_url})
}
