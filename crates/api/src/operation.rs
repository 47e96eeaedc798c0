//! One operation, described.

use crate::schemas::Schemas;
use assay_access::Permission;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// Makes a schema.
pub(crate) type Make = Box<dyn Fn(&mut Schemas) -> Value>;

/// Who may use an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anyone.
    Public,
    /// Whose role grants the permission.
    Needs(Permission),
    /// Who signed in as a person.
    Person,
}

/// A body in one media type.
struct Media {
    name: &'static str,
    schema: Make,
    example: Value,
}

/// One operation.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) component: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) access: Access,
    success: u16,
    summary: String,
    description: Option<String>,
    parameters: Vec<Value>,
    request: Vec<Media>,
    response: Vec<Media>,
    headers: Vec<&'static str>,
    /// Other statuses that are a success, with the same content.
    also: Vec<(u16, &'static str)>,
    problems: Vec<(u16, Option<String>)>,
}

/// The part of the route tables that operations of one tag share.
pub(crate) struct Part {
    /// The component's id in `spin.toml`.
    pub(crate) component: &'static str,
    /// What clients see operations grouped under.
    pub(crate) tag: &'static str,
}

impl Part {
    /// An operation, with the same words as its `route!`; `id` names it in generated clients.
    pub(crate) fn op(
        &self,
        id: impl Into<String>,
        method: &'static str,
        path: impl Into<String>,
        access: Access,
        success: u16,
        summary: impl Into<String>,
    ) -> Operation {
        let path = path.into();
        let parameters: Vec<Value> = path
            .split('/')
            .filter_map(|s| s.strip_prefix('{').and_then(|s| s.strip_suffix('}')))
            .map(|name| {
                let schema = json!({"type": "string", "minLength": 1, "maxLength": 200});
                json!({"name": name, "in": "path", "required": true, "schema": schema})
            })
            .collect();
        let mut op = Operation {
            id: id.into(),
            method,
            component: self.component,
            tag: self.tag,
            access,
            success,
            summary: summary.into(),
            description: None,
            request: Vec::new(),
            response: Vec::new(),
            headers: Vec::new(),
            also: Vec::new(),
            // An unknown query parameter is refused, also where there is none.
            problems: vec![(422, None), (503, None)],
            parameters,
            path,
        };
        if access != Access::Public {
            op = op.problem(401).problem(403).problem(429);
        }
        let sign_in = op.path.starts_with("/api/v1/auth/") || op.path == "/api/v1/setup";
        if sign_in && !op.path.ends_with("/jwks.json") && !op.path.ends_with("/providers") {
            op = op.problem(429);
        }
        if op.path.contains('{') {
            op = op.problem(404);
        }
        op
    }
}

impl Operation {
    /// More than fits the summary.
    pub(crate) fn about(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    fn parameter(mut self, name: &str) -> Self {
        self.parameters
            .push(json!({"$ref": format!("#/components/parameters/{name}")}));
        self
    }

    /// Answers a page at a time.
    pub(crate) fn paged(self) -> Self {
        self.parameter("Limit").parameter("Cursor")
    }

    /// Goes on at a cursor.
    pub(crate) fn cursor(self) -> Self {
        self.parameter("Cursor")
    }

    /// A query parameter.
    pub(crate) fn query(mut self, name: &str, description: &str, schema: Value) -> Self {
        self.parameters.push(
            json!({"name": name, "in": "query", "description": description, "schema": schema}),
        );
        self
    }

    /// A query parameter that must be there.
    pub(crate) fn required_query(mut self, name: &str, description: &str, schema: Value) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "query", "required": true, "description": description, "schema": schema,
        }));
        self
    }

    /// A query parameter of text.
    pub(crate) fn filter(self, name: &str, description: &str) -> Self {
        self.query(name, description, json!({"type": "string"}))
    }

    /// `from` and `to`.
    pub(crate) fn between(self) -> Self {
        self.parameter("From").parameter("To")
    }

    /// Honours `If-Match`.
    pub(crate) fn if_match(self) -> Self {
        self.parameter("IfMatch").problem(412)
    }

    /// Honours `Idempotency-Key`.
    pub(crate) fn idempotent(self) -> Self {
        self.parameter("IdempotencyKey").problem_as(
            409,
            "The idempotency key was used with another body, or the name is taken",
        )
    }

    /// Takes a body of JSON.
    pub(crate) fn body<T: JsonSchema + 'static>(self, example: Value) -> Self {
        self.body_as(Box::new(Schemas::input::<T>), example)
    }

    /// Takes a body of JSON whose schema is made by hand.
    pub(crate) fn body_as(self, schema: Make, example: Value) -> Self {
        self.takes("application/json", schema, example)
    }

    /// Takes a body of another media type.
    pub(crate) fn takes(mut self, media: &'static str, schema: Make, example: Value) -> Self {
        self.request.push(Media {
            name: media,
            schema,
            example,
        });
        self.problem(400).problem(413).problem(415)
    }

    /// Answers JSON.
    pub(crate) fn answer<T: JsonSchema + 'static>(self, example: Value) -> Self {
        self.answer_as(Box::new(Schemas::output::<T>), example)
    }

    /// Answers JSON whose schema is made by hand.
    pub(crate) fn answer_as(self, schema: Make, example: Value) -> Self {
        self.gives("application/json", schema, example)
    }

    /// Answers another media type.
    pub(crate) fn gives(mut self, media: &'static str, schema: Make, example: Value) -> Self {
        self.response.push(Media {
            name: media,
            schema,
            example,
        });
        self
    }

    /// Answers a page of `T`.
    pub(crate) fn page<T: JsonSchema + 'static>(self, example: Value) -> Self {
        self.page_as(Box::new(Schemas::output::<T>), example)
    }

    /// Answers a page of rows whose schema is made by hand.
    pub(crate) fn page_as(self, row: Make, example: Value) -> Self {
        let schema = move |s: &mut Schemas| {
            let row = row(s);
            s.page_of(&row)
        };
        let example = json!({"data": [example], "next_cursor": null});
        self.paged().answer_as(Box::new(schema), example)
    }

    /// Sends a header with success.
    pub(crate) fn sends(mut self, header: &'static str) -> Self {
        self.headers.push(header);
        self
    }

    /// Can end in a problem of that status.
    pub(crate) fn problem(mut self, status: u16) -> Self {
        if self.problems.iter().all(|(s, _)| *s != status) {
            self.problems.push((status, None));
        }
        self
    }

    /// Can end in a problem of that status, for a reason of its own.
    pub(crate) fn problem_as(mut self, status: u16, why: &str) -> Self {
        self.problems.retain(|(s, _)| *s != status);
        self.problems.push((status, Some(why.to_owned())));
        self
    }

    /// Can end well with another status, and the same content.
    pub(crate) fn also(mut self, status: u16, words: &'static str) -> Self {
        self.also.push((status, words));
        self
    }

    /// Never ends in a problem of that status.
    pub(crate) fn without(mut self, status: u16) -> Self {
        self.problems.retain(|(s, _)| *s != status);
        self
    }

    /// The operation object.
    pub(crate) fn describe(&self, schemas: &mut Schemas) -> Value {
        let mut responses = Map::new();
        let mut success = json!({"description": self.success_text()});
        if !self.response.is_empty() {
            insert(&mut success, "content", content(&self.response, schemas));
        }
        if !self.headers.is_empty() {
            let headers: Map<String, Value> = self
                .headers
                .iter()
                .map(|h| {
                    let name = h.replace('-', "");
                    (
                        (*h).to_owned(),
                        json!({"$ref": format!("#/components/headers/{name}")}),
                    )
                })
                .collect();
            insert(&mut success, "headers", Value::Object(headers));
        }
        for (status, words) in &self.also {
            let mut other = success.clone();
            insert(&mut other, "description", json!(words));
            responses.insert(status.to_string(), other);
        }
        responses.insert(self.success.to_string(), success);
        let protobuf = self
            .response
            .iter()
            .any(|m| m.name == "application/x-protobuf");
        for (status, why) in &self.problems {
            // Langfuse's clients know no 422.
            let langfuse = self.path.starts_with("/api/public/");
            let status = if langfuse && *status == 422 {
                &400
            } else {
                status
            };
            let response = if protobuf {
                crate::problems::otlp(*status)
            } else {
                crate::problems::response(*status, why.as_deref())
            };
            responses.insert(status.to_string(), response);
        }
        let mut op = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "responses": responses,
            "x-component": self.component,
        });
        if let Some(text) = &self.description {
            insert(&mut op, "description", json!(text));
        }
        if !self.parameters.is_empty() {
            insert(&mut op, "parameters", json!(self.parameters));
        }
        if !self.request.is_empty() {
            let body = json!({"required": true, "content": content(&self.request, schemas)});
            insert(&mut op, "requestBody", body);
        }
        match self.access {
            Access::Public => insert(&mut op, "security", json!([])),
            Access::Person => insert(
                &mut op,
                "security",
                json!([{"bearer": []}, {"session": []}]),
            ),
            Access::Needs(permission) => insert(&mut op, "x-permission", json!(permission)),
        }
        op
    }

    fn success_text(&self) -> &'static str {
        match self.success {
            201 => "Created",
            202 => "Accepted; the work goes on",
            303 => "On to another address",
            204 => "Done; there is nothing to show",
            _ => "Success",
        }
    }
}

fn content(media: &[Media], schemas: &mut Schemas) -> Value {
    let content: Map<String, Value> = media
        .iter()
        .map(|m| {
            let mut body = json!({"schema": (m.schema)(schemas)});
            if !m.example.is_null() {
                insert(&mut body, "example", m.example.clone());
            }
            (m.name.to_owned(), body)
        })
        .collect();
    Value::Object(content)
}

fn insert(target: &mut Value, name: &str, value: Value) {
    if let Some(map) = target.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}
