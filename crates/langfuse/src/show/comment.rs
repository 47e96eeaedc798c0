//! Comments.

use assay_model::Timestamp;
use serde_json::{Value, json};

/// What is known of a comment.
#[derive(Debug, Clone, Copy)]
pub struct CommentShown<'a> {
    /// Its id.
    pub id: &'a str,
    /// The project.
    pub project_id: &'a str,
    /// What it is on: `trace`, `observation`, `session` or `prompt`.
    pub object_type: &'a str,
    /// The id of that.
    pub object_id: &'a str,
    /// Markdown.
    pub content: &'a str,
    /// The person who wrote it, where one did.
    pub author_id: Option<&'a str>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A comment of `GET /api/public/comments`.
#[must_use]
pub fn comment(c: &CommentShown<'_>) -> Value {
    json!({
        "id": c.id,
        "projectId": c.project_id,
        "objectType": c.object_type.to_ascii_uppercase(),
        "objectId": c.object_id,
        "content": c.content,
        "authorUserId": c.author_id,
        "createdAt": c.created_at,
        "updatedAt": c.updated_at,
    })
}
