//! What all resources have in common on the wire: bulk requests, versions, differences.

use crate::schema::NOT_BLANK;
use crate::{FieldError, RunError, Timestamp, TokenUsage, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a bulk request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Deletes; each can be restored.
    Delete,
    /// Restores what was deleted.
    Restore,
}

/// One act on many resources of a kind. Each one succeeds or fails alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// What to do.
    pub action: BulkAction,
    /// To which.
    #[schemars(length(min = 1, max = 500), inner(length(min = 1, max = 64)))]
    pub ids: Vec<String>,
}

impl Validate for BulkRequest {
    fn check(&self, v: &mut Validator) {
        v.require(
            (1..=500).contains(&self.ids.len()),
            "ids",
            "must have 1 to 500 entries",
        );
        v.at("ids", |v| {
            for (i, id) in self.ids.iter().enumerate() {
                let fits = (1..=64).contains(&id.chars().count());
                v.require(fits, &i.to_string(), "must have 1 to 64 characters");
            }
        });
    }
}

/// What became of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// It was done.
    Done,
    /// There is no such resource, or it is deleted already, or not deleted.
    NotFound,
    /// Its name was taken by another.
    NameTaken,
}

/// One result of a bulk request, in the order of its ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulkResult {
    /// Which resource.
    pub id: String,
    /// What became of it.
    pub outcome: BulkOutcome,
}

/// The results of a bulk request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulkResults {
    /// One an id.
    pub results: Vec<BulkResult>,
    /// How many were done.
    pub done: u64,
}

/// One version of a resource; it never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceVersion {
    /// Its number.
    pub version: i64,
    /// The resource as it was.
    pub spec: Map<String, Value>,
    /// Who made it.
    pub created_by: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// Labels that name it; only prompts have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
}

/// One operation of a JSON Patch (RFC 6902).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum PatchOperation {
    /// Puts a value where there is none.
    Add {
        /// JSON pointer.
        path: String,
        /// The value.
        value: Value,
    },
    /// Takes a value away.
    Remove {
        /// JSON pointer.
        path: String,
    },
    /// Puts a value in place of another.
    Replace {
        /// JSON pointer.
        path: String,
        /// The value.
        value: Value,
    },
}

/// What turns one version into another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionDiff {
    /// The version to start from.
    pub from: i64,
    /// The version that the patch leads to.
    pub to: i64,
    /// JSON Patch (RFC 6902) on `spec`.
    pub patch: Vec<PatchOperation>,
}

/// What to say to an agent or a model in a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionTestRequest {
    /// The user's words.
    #[serde(default = "greeting")]
    #[schemars(length(min = 1, max = 10000), regex(pattern = NOT_BLANK))]
    pub message: String,
}

fn greeting() -> String {
    "Hello! Please answer in one short sentence.".to_owned()
}

impl Validate for ConnectionTestRequest {
    fn check(&self, v: &mut Validator) {
        let fits = self.message.chars().count() <= 10_000 && !self.message.trim().is_empty();
        v.require(
            fits,
            "message",
            "must have 1 to 10000 characters, not all of them blank",
        );
    }
}

/// How one exchange with an agent or a model went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionTest {
    /// Whether there was an answer that can be read.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// The beginning of the answer.
    pub answer: Option<String>,
    /// The model that answered, as the server names it.
    pub model: Option<String>,
    /// Tokens spent, when the server says.
    pub usage: Option<TokenUsage>,
    /// What it cost in US dollars, when usage and price are known.
    pub cost_usd: Option<f64>,
    /// What went wrong.
    pub error: Option<RunError>,
}

/// What came of a file of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportResult {
    /// Items whose key was new.
    pub created: u64,
    /// Items that were replaced.
    pub updated: u64,
    /// Lines that were left out.
    pub skipped: u64,
    /// What was wrong with them; the first hundred.
    pub errors: Vec<FieldError>,
}
