//! Agents, models, scenarios, datasets and their items.

use crate::examples::{self, ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::schemas::Schemas;
use crate::types::{Items, ItemsDone};
use assay_access::Permission::{ResourcesRead, ResourcesWrite};
use assay_model::{AgentSpec, DatasetItem, DatasetSpec, ModelSpec, ScenarioSpec};
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
    /// In ids of operations.
    one: &'static str,
    /// The name of its schema.
    name: &'static str,
    /// The write-only field.
    secret: Option<&'static str>,
    /// The number that is counted.
    counted: Option<&'static str>,
    /// As a client writes it.
    example: Value,
    /// As it is answered, with defaults.
    defaults: Value,
    spec: fn(&mut Schemas) -> Map<String, Value>,
    shown: fn(&mut Schemas) -> Map<String, Value>,
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
        one: noun.rsplit(' ').next().unwrap_or(noun),
        name,
        secret: None,
        counted: None,
        example,
        defaults: json!({}),
        spec: Schemas::input_object::<T>,
        shown: Schemas::output_object::<T>,
    }
}

pub(super) fn operations() -> Vec<Operation> {
    let all = [
        Resource {
            secret: Some("credential"),
            ..resource::<AgentSpec>("agents", "Agents", "an agent", "Agent", examples::agent())
        },
        Resource {
            secret: Some("api_key"),
            ..resource::<ModelSpec>("models", "Models", "a model", "Model", examples::model())
        },
        resource::<ScenarioSpec>(
            "scenarios",
            "Scenarios",
            "a scenario",
            "Scenario",
            examples::scenario(),
        ),
        Resource {
            counted: Some("item_count"),
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
    operations
}

fn property(map: &mut Map<String, Value>, name: &str, schema: Value, required: bool) {
    let properties = map.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(name.into(), schema);
    }
    if required
        && let Some(list) = map
            .entry("required")
            .or_insert_with(|| json!([]))
            .as_array_mut()
    {
        list.push(json!(name));
    }
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

    fn add_secret(&self, schema: &mut Map<String, Value>) {
        if let Some(secret) = self.secret {
            let about = json!({
                "type": ["string", "null"], "minLength": 1, "maxLength": 8192, "pattern": "^[ -~]+$", "writeOnly": true,
                "description": "Write-only, stored encrypted. What leaves it out keeps it; null removes it.",
            });
            property(schema, secret, about, false);
        }
    }

    /// A merge patch of it (RFC 7386): any field, and null to remove one.
    fn patched(&self) -> Make {
        let this = self.clone();
        Box::new(move |s| {
            let mut schema = (this.spec)(s);
            this.add_secret(&mut schema);
            schema.remove("required");
            if let Some(Value::Object(properties)) = schema.get_mut("properties") {
                for property in properties.values_mut() {
                    *property = patch_of(property, s);
                }
            }
            schema.insert(
                "description".into(),
                json!("JSON merge patch (RFC 7386): fields that are absent stay, null removes."),
            );
            s.name_input(&format!("{}Patch", this.name), schema)
        })
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
            json!({"id": ID, "version": 1, "created_at": TIME, "updated_at": TIME}),
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
        let (one, noun, path) = (self.one, self.noun, self.path);
        let (list, item) = (format!("/api/v1/{path}"), format!("/api/v1/{path}/{{id}}"));
        let mut written = self.example.clone();
        if let Some(secret) = self.secret {
            written = with(written, json!({secret: "s3cret"}));
        }
        let shown = self.shown_example();
        let patch = json!({"name": format!("{} 2", self.name)});
        vec![
            part.op(
                format!("list_{path}"),
                "GET",
                &list,
                Needs(ResourcesRead),
                200,
                format!("List {path}"),
            )
            .about("Newest first.")
            .page_as(self.answered(), shown.clone())
            .filter("name", "Only the one of exactly that name."),
            part.op(
                format!("create_{one}"),
                "POST",
                &list,
                Needs(ResourcesWrite),
                201,
                format!("Create {noun}"),
            )
            .body_as(self.written(), written.clone())
            .answer_as(self.answered(), shown.clone())
            .sends("Location")
            .sends("ETag")
            .sends("Idempotent-Replayed")
            .idempotent(),
            part.op(
                format!("get_{one}"),
                "GET",
                &item,
                Needs(ResourcesRead),
                200,
                format!("Get {noun}"),
            )
            .answer_as(self.answered(), shown.clone())
            .sends("ETag"),
            part.op(
                format!("replace_{one}"),
                "PUT",
                &item,
                Needs(ResourcesWrite),
                200,
                format!("Replace {noun}"),
            )
            .about("What the body leaves out gets its default; a secret that it leaves out stays.")
            .body_as(self.written(), written)
            .answer_as(self.answered(), shown.clone())
            .sends("ETag")
            .if_match()
            .problem_as(
                409,
                "The name is taken, or others keep changing the resource",
            ),
            part.op(
                format!("change_{one}"),
                "PATCH",
                &item,
                Needs(ResourcesWrite),
                200,
                format!("Change {noun}"),
            )
            .takes(
                "application/merge-patch+json",
                self.patched(),
                patch.clone(),
            )
            .takes("application/json", self.patched(), patch)
            .answer_as(self.answered(), shown)
            .sends("ETag")
            .if_match()
            .problem_as(
                409,
                "The name is taken, or others keep changing the resource",
            ),
            part.op(
                format!("delete_{one}"),
                "DELETE",
                &item,
                Needs(ResourcesWrite),
                204,
                format!("Delete {noun}"),
            )
            .if_match(),
        ]
    }
}

/// A property in a merge patch. Objects merge, so a part of one will do.
fn patch_of(property: &Value, schemas: &Schemas) -> Value {
    let leads = |p: &Value| {
        let to = p.get("$ref").and_then(Value::as_str);
        to.is_some_and(|to| schemas.leads_to_object(to))
    };
    let choices = property.get("anyOf").and_then(Value::as_array);
    let merges = property.get("type").is_some_and(|t| t == "object")
        || leads(property)
        || choices.is_some_and(|c| c.iter().any(leads));
    let mut patch = match (property.get("$ref"), property.get("type")) {
        _ if merges => {
            json!({"type": ["object", "null"], "description": property.get("description")})
        }
        (Some(to), _) => {
            json!({"anyOf": [{"$ref": to}, {"type": "null"}], "description": property.get("description")})
        }
        (None, Some(Value::String(kind))) => {
            with(property.clone(), json!({"type": [kind, "null"]}))
        }
        _ => property.clone(),
    };
    if let Some(map) = patch.as_object_mut() {
        map.remove("default");
        map.retain(|_, v| !v.is_null());
    }
    patch
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
            .page_as(item(), shown.clone()),
        part.op("put_dataset_items", "POST", list, Needs(ResourcesWrite), 200, "Add items or replace them by key")
            .about("All or none. An item whose key is there replaces it and keeps its place; the others follow at the end.")
            .body::<Items>(json!({"items": [examples::item()]}))
            .answer::<ItemsDone>(json!({"created": 1, "updated": 0}))
            .idempotent()
            .problem_as(409, "The idempotency key was used with another body"),
        part.op("get_dataset_item", "GET", one, Needs(ResourcesRead), 200, "Get an item")
            .answer_as(item(), shown),
        part.op("delete_dataset_item", "DELETE", one, Needs(ResourcesWrite), 204, "Delete an item"),
    ]
}
