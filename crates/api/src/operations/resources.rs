//! What the workspace keeps and campaigns are made from. What only prompts can is in [`super::prompts`].

use super::shapes::{PATCH, patch_as, property, secret_property};
use crate::examples::{self, ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::schemas::Schemas;
use crate::types::{Items, ItemsDone};
use assay_access::Permission::{EvaluationsRun, ResourcesRead, ResourcesWrite};
use assay_model::{
    AgentSpec, AlertSpec, BulkRequest, BulkResults, ConnectionTest, ConnectionTestRequest,
    DatasetItem, DatasetSpec, DocumentSpec, EvaluationRuleSpec, ImportResult, KnowledgeBaseSpec,
    LabelSchemaSpec, LibraryMetricSpec, ModelSpec, PersonaSpec, ProgramSpec, PromptSpec,
    ResourceVersion, ScenarioSpec, SecretSpec, VersionDiff,
};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// What all resources can, and how one differs.
#[derive(Clone)]
struct Resource {
    /// The segment of the path.
    path: &'static str,
    /// What clients see it grouped under.
    tag: &'static str,
    /// For people, with its article.
    noun: &'static str,
    /// For people, many of them.
    plural: &'static str,
    /// The path's parameter with the id.
    id: &'static str,
    /// Whether every version is kept.
    versioned: bool,
    /// The name of its schema.
    name: &'static str,
    /// The write-only field.
    secret: Option<&'static str>,
    /// Whether it can be tried.
    tried: bool,
    /// The number that is counted.
    counted: Option<&'static str>,
    /// What is given when one is made, and at no other time.
    given: Option<Given>,
    /// As a client writes it.
    example: Value,
    /// Another name of it.
    renamed: Option<&'static str>,
    /// As it is answered, with defaults.
    defaults: Value,
    spec: fn(&mut Schemas) -> Map<String, Value>,
    shown: fn(&mut Schemas) -> Map<String, Value>,
}

/// A field that is given when a resource is made.
#[derive(Clone, Copy)]
struct Given {
    name: &'static str,
    schema: fn() -> Value,
    example: &'static str,
}

fn resource<T: JsonSchema>(
    path: &'static str,
    tag: &'static str,
    noun: &'static str,
    name: &'static str,
    example: Value,
) -> Resource {
    Resource {
        path,
        tag,
        noun,
        plural: path,
        id: "id",
        versioned: false,
        name,
        secret: None,
        tried: false,
        counted: None,
        given: None,
        example,
        renamed: None,
        defaults: json!({}),
        spec: Schemas::input_object::<T>,
        shown: Schemas::output_object::<T>,
    }
}

pub(super) fn operations() -> Vec<Operation> {
    let all = [
        Resource {
            versioned: true,
            secret: Some("credential"),
            tried: true,
            ..resource::<AgentSpec>("agents", "Agents", "an agent", "Agent", examples::agent())
        },
        Resource {
            secret: Some("api_key"),
            tried: true,
            ..resource::<ModelSpec>("models", "Models", "a model", "Model", examples::model())
        },
        Resource {
            secret: Some("value"),
            renamed: Some("weather_2"),
            ..resource::<SecretSpec>(
                "secrets",
                "Secrets",
                "a secret",
                "Secret",
                examples::secret(),
            )
        },
        resource::<PersonaSpec>(
            "personas",
            "Personas",
            "a persona",
            "Persona",
            examples::persona(),
        ),
        Resource {
            given: Some(Given {
                name: "wasm",
                schema: wasm_property,
                example: examples::WASM,
            }),
            shown: shown_program,
            defaults: json!({"size": 50, "sha256": PROGRAM_SHA256}),
            ..resource::<ProgramSpec>(
                "programs",
                "Programs",
                "a program",
                "Program",
                examples::program(),
            )
        },
        Resource {
            plural: "evaluation rules",
            ..resource::<EvaluationRuleSpec>(
                "evaluation-rules",
                "Evaluation rules",
                "an evaluation rule",
                "EvaluationRule",
                examples::evaluation_rule(),
            )
        },
        resource::<AlertSpec>("alerts", "Alerts", "an alert", "Alert", examples::alert()),
        Resource {
            versioned: true,
            ..resource::<ScenarioSpec>(
                "scenarios",
                "Scenarios",
                "a scenario",
                "Scenario",
                examples::scenario(),
            )
        },
        Resource {
            versioned: true,
            plural: "label schemas",
            ..resource::<LabelSchemaSpec>(
                "label-schemas",
                "Label schemas",
                "a label schema",
                "LabelSchema",
                examples::label_schema(),
            )
        },
        Resource {
            versioned: true,
            plural: "library metrics",
            ..resource::<LibraryMetricSpec>(
                "metric-library",
                "Metric library",
                "a library metric",
                "LibraryMetric",
                examples::library_metric(),
            )
        },
        Resource {
            versioned: true,
            shown: shown_prompt,
            defaults: json!({
                "type": "text", "variables": ["question"], "labels": {"latest": 1, "production": 1},
            }),
            ..resource::<PromptSpec>(
                "prompts",
                "Prompts",
                "a prompt",
                "Prompt",
                examples::prompt(),
            )
        },
        Resource {
            plural: "knowledge bases",
            counted: Some("document_count"),
            ..resource::<KnowledgeBaseSpec>(
                "knowledge-bases",
                "Knowledge bases",
                "a knowledge base",
                "KnowledgeBase",
                examples::knowledge_base(),
            )
        },
        Resource {
            plural: "documents",
            id: "document_id",
            ..resource::<DocumentSpec>(
                "knowledge-bases/{id}/documents",
                "Documents",
                "a document",
                "Document",
                examples::document(),
            )
        },
        Resource {
            counted: Some("item_count"),
            versioned: true,
            ..resource::<DatasetSpec>(
                "datasets",
                "Datasets",
                "a dataset",
                "Dataset",
                examples::dataset(),
            )
        },
    ];
    let mut operations: Vec<Operation> = all.iter().flat_map(Resource::operations).collect();
    operations.extend(items());
    operations.push(program_bytes());
    operations
}

/// The hash of the example.
const PROGRAM_SHA256: &str = "87799c1b578e1ef444797b90bd09efe88f1af0b1810d578f9ccf03df9b1de499";

/// The bytes of a program, as they are given.
fn wasm_property() -> Value {
    json!({
        "type": "string", "contentEncoding": "base64", "minLength": 1, "maxLength": 2_796_204, "writeOnly": true,
        "description": "The program, at most 2 MiB: a command of WASI preview 1 (`wasm32-wasip1`). It never changes.",
    })
}

/// What follows from the bytes of a program is shown in their place.
fn shown_program(schemas: &mut Schemas) -> Map<String, Value> {
    let mut schema = schemas.output_object::<ProgramSpec>();
    let size = json!({"type": "integer", "minimum": 0, "description": "Its bytes."});
    let hash = json!({"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of its bytes."});
    property(&mut schema, "size", size, true);
    property(&mut schema, "sha256", hash, true);
    schema
}

fn program_bytes() -> Operation {
    let part = Part {
        component: "resources",
        tag: "Programs",
    };
    let bytes: Make = Box::new(|_| json!({}));
    part.op(
        "get_program_bytes",
        "GET",
        "/api/v1/programs/{id}/wasm",
        Needs(ResourcesRead),
        200,
        "Get a program's bytes",
    )
    .about("As they were given.")
    .gives("application/wasm", bytes, Value::Null)
}

/// What follows from a prompt is shown beside it.
fn shown_prompt(schemas: &mut Schemas) -> Map<String, Value> {
    let mut schema = schemas.output_object::<PromptSpec>();
    let names = json!({"type": "array", "items": {"type": "string"}, "description": "Names in double braces."});
    let labels = json!({
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "description": "Labels with the versions they name; `latest` is always the highest.",
    });
    property(
        &mut schema,
        "type",
        json!({"type": "string", "enum": ["text", "chat"]}),
        true,
    );
    property(&mut schema, "variables", names, true);
    property(&mut schema, "labels", labels, true);
    schema
}

impl Resource {
    /// As a client writes it.
    fn written(&self) -> Make {
        let this = self.clone();
        Box::new(move |s| {
            let mut schema = (this.spec)(s);
            this.add_secret(&mut schema);
            s.name_input(&format!("{}Spec", this.name), schema)
        })
    }

    /// As a client writes it to make one.
    fn made(&self) -> Make {
        let Some(given) = self.given else {
            return self.written();
        };
        let this = self.clone();
        Box::new(move |s| {
            let mut schema = (this.spec)(s);
            property(&mut schema, given.name, (given.schema)(), true);
            s.name_input(&format!("New{}", this.name), schema)
        })
    }

    /// One that is not stored, with what to say to it.
    fn tried_unsaved(&self) -> Make {
        let (name, written) = (format!("{}Trial", self.name), self.written());
        Box::new(move |s| {
            let spec = written(s);
            let mut schema = s.input_object::<ConnectionTestRequest>();
            property(&mut schema, "spec", spec, true);
            s.name_input(&name, schema)
        })
    }

    fn add_secret(&self, schema: &mut Map<String, Value>) {
        if let Some(secret) = self.secret {
            property(schema, secret, secret_property(), false);
        }
    }

    /// A merge patch of it (RFC 7386): any field, and null to remove one.
    fn patched(&self) -> Make {
        let this = self.clone();
        patch_as(
            format!("{}Patch", self.name),
            PATCH,
            |_| true,
            move |s| {
                let mut schema = (this.spec)(s);
                this.add_secret(&mut schema);
                schema
            },
        )
    }

    /// As it is answered.
    fn answered(&self) -> Make {
        let this = self.clone();
        Box::new(move |s| {
            let mut schema = (this.shown)(s);
            let time = |d: &str| json!({"type": "string", "format": "date-time", "description": d});
            property(&mut schema, "id", json!({"type": "string"}), true);
            if this.secret.is_some() {
                let about = json!({"type": "boolean", "description": "Whether a secret is stored; it is never shown."});
                property(&mut schema, "has_credential", about, true);
            }
            if let Some(counted) = this.counted {
                property(
                    &mut schema,
                    counted,
                    json!({"type": "integer", "minimum": 0}),
                    true,
                );
            }
            let version = json!({"type": "integer", "minimum": 1, "description": "Counts changes; `ETag` is made from it."});
            property(&mut schema, "version", version, true);
            let by = json!({"type": ["string", "null"], "description": "Who made it."});
            property(&mut schema, "created_by", by, true);
            property(
                &mut schema,
                "deleted_at",
                time("When it was deleted; absent unless it is."),
                false,
            );
            property(&mut schema, "created_at", time("When it was made."), true);
            property(
                &mut schema,
                "updated_at",
                time("When it was changed last."),
                true,
            );
            s.name_output(this.name, schema)
        })
    }

    /// The example as it is answered.
    fn shown_example(&self) -> Value {
        let mut shown = with(self.example.clone(), self.defaults.clone());
        shown = with(
            shown,
            json!({"id": ID, "version": 1, "created_by": ID, "created_at": TIME, "updated_at": TIME}),
        );
        if self.secret.is_some() {
            shown = with(shown, json!({"has_credential": true}));
        }
        if let Some(counted) = self.counted {
            shown = with(shown, json!({counted: 12}));
        }
        shown
    }

    fn operations(&self) -> Vec<Operation> {
        let part = Part {
            component: "resources",
            tag: self.tag,
        };
        let (noun, plural) = (self.noun, self.plural);
        let one = noun
            .split_once(' ')
            .map_or(noun, |(_, n)| n)
            .replace(' ', "_");
        let many = plural.replace(' ', "_");
        let list = format!("/api/v1/{}", self.path);
        let item = format!("{list}/{{{}}}", self.id);
        let mut written = self.example.clone();
        if let Some(secret) = self.secret {
            written = with(written, json!({secret: "s3cret"}));
        }
        let tried = written.clone();
        let made = match self.given {
            Some(given) => with(written.clone(), json!({given.name: given.example})),
            None => written.clone(),
        };
        let shown = self.shown_example();
        let other = format!("{} 2", self.name);
        let patch = json!({"name": self.renamed.unwrap_or(&other)});
        let (read, write) = (Needs(ResourcesRead), Needs(ResourcesWrite));
        let sorts = json!({
            "type": "string", "default": "-created_at",
            "enum": ["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"],
        });
        let text = || json!({"type": "string", "minLength": 1, "maxLength": 200});
        let time = || json!({"type": "string", "format": "date-time"});
        let mut all = vec![
            part.op(format!("list_{many}"), "GET", &list, read, 200, format!("List {plural}"))
                .about("Newest first, unless sorted otherwise. A cursor is good for the same sort and filters only.")
                .page_as(self.answered(), shown.clone())
                .query("sort", "By what, with `-` for the reverse.", sorts)
                .query("name", "Only the one of exactly that name.", text())
                .query("q", "Only those with this text in name or description, in any case.", text())
                .query("created_by", "Only those that this one made.", text())
                .query("created_after", "Only those made after this instant.", time())
                .query("created_before", "Only those made before this instant.", time())
                .query("deleted", "Deleted ones, too or only.", json!({"type": "string", "enum": ["only", "include"]})),
            part.op(format!("create_{one}"), "POST", &list, write, 201, format!("Create {noun}"))
                .body_as(self.made(), made)
                .answer_as(self.answered(), shown.clone())
                .sends("Location")
                .sends("ETag")
                .sends("Idempotent-Replayed")
                .idempotent(),
            part.op(
                format!("bulk_{many}"), "POST", format!("{list}/bulk"), write, 200,
                format!("Delete or restore many {plural}"),
            )
            .about("Each one succeeds or fails alone.")
            .body::<BulkRequest>(json!({"action": "delete", "ids": [ID]}))
            .answer::<BulkResults>(json!({"results": [{"id": ID, "outcome": "done"}], "done": 1})),
            part.op(format!("get_{one}"), "GET", &item, read, 200, format!("Get {noun}"))
                .answer_as(self.answered(), shown.clone())
                .sends("ETag"),
            part.op(format!("replace_{one}"), "PUT", &item, write, 200, format!("Replace {noun}"))
                .about("What the body leaves out gets its default; a secret that it leaves out stays.")
                .body_as(self.written(), written)
                .answer_as(self.answered(), shown.clone())
                .sends("ETag")
                .if_match()
                .problem_as(409, "The name is taken, or others keep changing the resource"),
            part.op(format!("change_{one}"), "PATCH", &item, write, 200, format!("Change {noun}"))
                .takes("application/merge-patch+json", self.patched(), patch.clone())
                .takes("application/json", self.patched(), patch)
                .answer_as(self.answered(), shown.clone())
                .sends("ETag")
                .if_match()
                .problem_as(409, "The name is taken, or others keep changing the resource"),
            part.op(format!("delete_{one}"), "DELETE", &item, write, 204, format!("Delete {noun}"))
                .about("It can be restored; its name is free again.")
                .if_match(),
            part.op(format!("restore_{one}"), "POST", format!("{item}/restore"), write, 200, format!("Restore {noun}"))
                .about("As it was, under the version it had. Restoring what is not deleted changes nothing.")
                .answer_as(self.answered(), shown)
                .sends("ETag")
                .if_match()
                .problem_as(409, "Its name was taken by another"),
        ];
        if self.tried {
            let error = json!({"kind": "target_unreachable", "message": "the agent cannot be reached: the connection was refused"});
            let failed = json!({
                "ok": false, "latency_ms": 3, "answer": null, "model": null, "usage": null, "cost_usd": null, "error": error,
            });
            let hello = json!({"message": "Hello!"});
            all.extend([
                part.op(format!("test_{one}"), "POST", format!("{item}/test"), Needs(EvaluationsRun), 200, format!("Try {noun}"))
                    .about("One short exchange, within 30 s. It succeeds also where the other side does not: then `error` says why.")
                    .body::<ConnectionTestRequest>(hello.clone())
                    .answer::<ConnectionTest>(failed.clone()),
                part.op(format!("test_new_{one}"), "POST", format!("{list}/test"), write, 200, format!("Try {noun} that is not stored"))
                    .about("As it is tried once it is stored; nothing is stored by this. Needs the permission to run evaluations, too.")
                    .body_as(self.tried_unsaved(), with(hello, json!({"spec": tried})))
                    .answer::<ConnectionTest>(failed),
            ]);
        }
        if self.versioned {
            let version = json!({
                "version": 1, "spec": self.example, "created_by": ID, "created_at": TIME,
            });
            let number = || json!({"type": "integer", "minimum": 1});
            all.extend([
                part.op(
                    format!("list_{one}_versions"), "GET", format!("{item}/versions"), read, 200,
                    format!("List {noun}'s versions"),
                )
                .about("Newest first.")
                .page::<ResourceVersion>(version.clone()),
                part.op(
                    format!("get_{one}_version"), "GET", format!("{item}/versions/{{version}}"), read, 200,
                    format!("Get a version of {noun}"),
                )
                .answer::<ResourceVersion>(version),
                part.op(
                    format!("compare_{one}_versions"), "GET", format!("{item}/diff"), read, 200,
                    format!("Compare two versions of {noun}"),
                )
                .required_query("from", "The version to start from.", number())
                .required_query("to", "The version that the patch leads to.", number())
                .answer::<VersionDiff>(json!({
                    "from": 1, "to": 2, "patch": [{"op": "replace", "path": "/name", "value": "Late order 2"}],
                })),
            ]);
        }
        all
    }
}

fn items() -> Vec<Operation> {
    let part = Part {
        component: "resources",
        tag: "Dataset items",
    };
    let list = "/api/v1/datasets/{id}/items";
    let one = "/api/v1/datasets/{id}/items/{item_id}";
    let item = || -> Make {
        Box::new(|s| {
            let mut schema = s.output_object::<DatasetItem>();
            let key = json!({"type": "string", "description": "Unique in the dataset."});
            property(&mut schema, "key", key, true);
            property(&mut schema, "id", json!({"type": "string"}), true);
            property(
                &mut schema,
                "position",
                json!({"type": "integer", "description": "Its place in the dataset."}),
                true,
            );
            s.name_output("DatasetItem", schema)
        })
    };
    let shown = with(examples::item(), json!({"id": ID, "position": 1}));
    vec![
        part.op("list_dataset_items", "GET", list, Needs(ResourcesRead), 200, "List a dataset's items")
            .about("In the order they were added.")
            .page_as(item(), shown.clone())
            .filter("split", "Only those of that part of the dataset.")
            .query("version", "As they were in that version of the dataset.", json!({"type": "integer", "minimum": 1})),
        part.op("put_dataset_items", "POST", list, Needs(ResourcesWrite), 200, "Add items or replace them by key")
            .about("All or none. An item whose key is there replaces it and keeps its place; the others follow at the end.")
            .body::<Items>(json!({"items": [examples::item()]}))
            .answer::<ItemsDone>(json!({"created": 1, "updated": 0}))
            .idempotent()
            .problem_as(409, "The idempotency key was used with another body"),
        part.op("get_dataset_item", "GET", one, Needs(ResourcesRead), 200, "Get an item")
            .answer_as(item(), shown)
            .sends("ETag"),
        part.op("delete_dataset_item", "DELETE", one, Needs(ResourcesWrite), 204, "Delete an item").if_match(),
        part.op("import_dataset_items", "POST", "/api/v1/datasets/{id}/import", Needs(ResourcesWrite), 200, "Import items from a file")
            .about("CSV, JSON Lines or YAML, at most 10000 items; all lines or none, unless `on_error` is `skip`.")
            .query("format", "What the file is; what the content type says when absent.", formats())
            .query("on_error", "What becomes of the file when a line is wrong.", json!({"type": "string", "enum": ["fail", "skip"], "default": "fail"}))
            .takes("application/x-ndjson", text(), json!("{\"key\":\"refund\",\"input\":\"How long do refunds take?\"}\n"))
            .takes("text/csv", text(), json!("key,input\nrefund,How long do refunds take?\n"))
            .takes("application/yaml", text(), json!("- key: refund\n  input: How long do refunds take?\n"))
            .without(415)
            .answer::<ImportResult>(json!({"created": 1, "updated": 0, "skipped": 0, "errors": []}))
            .idempotent()
            .problem_as(409, "The idempotency key was used with another body"),
        part.op("export_dataset_items", "GET", "/api/v1/datasets/{id}/export", Needs(ResourcesRead), 200, "Export items as a file")
            .about("A thousand items an answer; `X-Next-Cursor` is the `cursor` of the next.")
            .cursor()
            .query("format", "What the file shall be.", formats())
            .filter("split", "Only those of that part of the dataset.")
            .query("version", "As they were in that version of the dataset.", json!({"type": "integer", "minimum": 1}))
            .gives("application/jsonl", text(), json!("{\"key\":\"refund\",\"input\":\"How long do refunds take?\"}\n"))
            .gives("text/csv", text(), Value::Null)
            .gives("application/yaml", list_of_items(), Value::Null)
            .sends("X-Next-Cursor"),
    ]
}

/// Formats of files with items.
fn formats() -> Value {
    json!({"type": "string", "enum": ["csv", "jsonl", "yaml"]})
}

/// A file that is a list of items.
fn list_of_items() -> Make {
    Box::new(|_| json!({"type": "array", "items": {"type": "object"}}))
}

/// A file.
fn text() -> Make {
    Box::new(|_| json!({"type": "string"}))
}
