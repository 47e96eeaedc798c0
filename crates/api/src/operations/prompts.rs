//! What only prompts can: labels, and the paths and shapes of Langfuse. Part of the component `resources`.

use super::langfuse::{LangfuseMeta, number, page_meta, time};
use crate::examples::{self, ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use assay_access::Permission::{ResourcesRead, ResourcesWrite};
use assay_model::schema::NAME;
use assay_model::{LabelMove, PromptContent, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A version of a prompt as Langfuse's clients write it. Fields that are not named here are left out of account.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfusePromptSpec {
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    name: String,
    prompt: PromptContent,
    /// `text` or `chat`, as `prompt` is.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Labels that shall name the version.
    #[serde(default)]
    labels: Option<Vec<String>>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    config: Value,
    #[serde(default)]
    commit_message: Option<String>,
}

/// A version of a prompt as Langfuse's clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfusePrompt {
    id: String,
    /// `text` or `chat`.
    r#type: String,
    name: String,
    version: i64,
    prompt: PromptContent,
    config: Value,
    labels: Vec<String>,
    tags: Vec<String>,
    commit_message: Option<String>,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Always null.
    resolution_graph: Value,
}

/// A prompt in Langfuse's list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfusePromptMeta {
    name: String,
    /// `text` or `chat`.
    r#type: String,
    versions: Vec<i64>,
    labels: Vec<String>,
    tags: Vec<String>,
    last_updated_at: Timestamp,
    last_config: Value,
}

/// A page of prompts as Langfuse has it.
#[derive(Serialize, JsonSchema)]
struct LangfusePrompts {
    data: Vec<LangfusePromptMeta>,
    meta: LangfuseMeta,
}

/// Labels that shall name a version.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfuseLabels {
    new_labels: Vec<String>,
}

pub(super) fn operations() -> Vec<Operation> {
    let part = |tag| Part {
        component: "resources",
        tag,
    };
    let (labels, langfuse) = (part("Prompts"), part("Langfuse prompts"));
    let (read, write) = (Needs(ResourcesRead), Needs(ResourcesWrite));
    let label = "/api/v1/prompts/{id}/labels/{label}";
    let (list, one) = ("/api/public/v2/prompts", "/api/public/v2/prompts/{name}");
    let version = "/api/public/v2/prompts/{name}/versions/{version}";
    let written = json!({"name": "answer", "type": "text", "prompt": "Answer: {{question}}", "labels": ["production"]});
    let shown = json!({
        "id": format!("{ID}:1"), "type": "text", "name": "answer", "version": 1, "prompt": "Answer: {{question}}",
        "config": {}, "labels": ["production", "latest"], "tags": [], "commitMessage": null, "createdBy": ID,
        "createdAt": TIME, "updatedAt": TIME, "resolutionGraph": null,
    });
    let prompt = with(
        examples::prompt(),
        json!({
            "id": ID, "version": 1, "created_by": ID, "created_at": TIME, "updated_at": TIME,
            "type": "text", "variables": ["question"], "labels": {"latest": 1, "production": 1},
        }),
    );
    vec![
        labels
            .op("put_prompt_label", "PUT", label, write, 200, "Move a label to a version")
            .body::<LabelMove>(json!({"version": 1}))
            .if_match()
            .answer_as(Box::new(|_| json!({"$ref": "#/components/schemas/Prompt"})), prompt),
        labels.op("delete_prompt_label", "DELETE", label, write, 204, "Remove a label").if_match(),
        langfuse
            .op("langfuse_list_prompts", "GET", list, read, 200, "List prompts as Langfuse does")
            .filter("name", "Only the one of exactly that name.")
            .filter("label", "Only those with that label.")
            .filter("tag", "Only those with that tag.")
            .query("fromUpdatedAt", "Only those changed from then on.", time())
            .query("toUpdatedAt", "Only those changed before then.", time())
            .query("page", "Which page, from 1.", number(1_000_000, 1))
            .query("limit", "Most rows of the page.", number(100, 50))
            .answer::<LangfusePrompts>(json!({
                "data": [{
                    "name": "answer", "type": "text", "versions": [1], "labels": ["production", "latest"], "tags": [],
                    "lastUpdatedAt": TIME, "lastConfig": {},
                }],
                "meta": page_meta(),
            })),
        langfuse
            .op("langfuse_create_prompt", "POST", list, write, 201, "Create a version of a prompt as Langfuse does")
            .about("The next version of that name, or the first.")
            .body::<LangfusePromptSpec>(written)
            .answer::<LangfusePrompt>(shown.clone())
            .problem_as(409, "Others keep making versions"),
        langfuse
            .op("langfuse_get_prompt", "GET", one, read, 200, "Get a prompt as Langfuse does")
            .about("The version that `production` names, unless asked otherwise.")
            .query("version", "That version; not beside `label`.", json!({"type": "integer"}))
            .filter("label", "The version that it names.")
            .filter("resolve", "Taken and of no effect: prompts do not refer to others.")
            .answer::<LangfusePrompt>(shown.clone()),
        langfuse
            .op("langfuse_get_prompt_v1", "GET", "/api/public/prompts", read, 200, "Get a prompt as Langfuse once did")
            .about("The version that `production` names, unless asked otherwise.")
            .required_query("name", "The prompt's name.", json!({"type": "string"}))
            .query("version", "That version; not beside `label`.", json!({"type": "integer"}))
            .filter("label", "The version that it names.")
            .answer::<LangfusePrompt>(shown.clone())
            .problem(404),
        langfuse
            .op("langfuse_delete_prompt", "DELETE", one, write, 204, "Delete a prompt as Langfuse does")
            .about("The whole prompt, unless told which version. With its last version the prompt is deleted.")
            .query("version", "Only that version.", json!({"type": "integer"}))
            .filter("label", "Only the version that it names.")
            .problem_as(409, "Others keep changing the prompt"),
        langfuse
            .op("langfuse_relabel_prompt", "PATCH", version, write, 200, "Move labels as Langfuse does")
            .body::<LangfuseLabels>(json!({"newLabels": ["production"]}))
            .answer::<LangfusePrompt>(shown),
    ]
}
