//! People who work together in one workspace, and what they look at.

use crate::{Answer, App, Client, People, Stores, Visitor};
use serde_json::{Value, json};

/// A platform with a workspace of several people.
pub struct Team {
    /// The platform.
    pub app: App,
    /// Who signs people in.
    pub people: People,
    /// Where its data is.
    pub dir: tempfile::TempDir,
}

fn client(app: &App, made: &Value) -> Client {
    let [public, secret] = ["public_key", "secret_key"].map(|f| made[f].as_str().expect("a key"));
    Client::with_keys(&app.url, public, secret)
}

impl Team {
    /// Starts the platform.
    #[must_use]
    pub fn start(stores: &Stores) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let people = People::start();
        let app = people.known_to(App::at(dir.path(), stores)).start();
        Self { app, people, dir }
    }

    /// The owner's client.
    #[must_use]
    pub fn owner(&self) -> Client {
        self.app.client()
    }

    /// A client with a key of its own: a role, or more of a key's specification.
    #[must_use]
    pub fn key(&self, role: &str, more: &Value) -> Client {
        let mut spec = json!({"name": format!("a {role}"), "role": role});
        if let (Some(spec), Some(more)) = (spec.as_object_mut(), more.as_object()) {
            spec.extend(more.clone());
        }
        let made = self.owner().post("/api/v1/api-keys", &spec);
        client(&self.app, &made.expect(201))
    }

    /// The owner of another workspace.
    #[must_use]
    pub fn stranger(&self) -> Client {
        let visitor = self.people.sign_in(&self.app.url, "stranger@x.example");
        let made = visitor.post("/api/v1/api-keys", &json!({"name": "k", "role": "owner"}));
        client(&self.app, &made.expect(201))
    }

    /// A person who joins the workspace, and their id.
    #[must_use]
    pub fn member(&self, role: &str) -> (Visitor, String) {
        let email = format!("{role}@x.example");
        let invitation = json!({"email": email, "role": role});
        let made = self.owner().post("/api/v1/invitations", &invitation);
        let made = made.expect(201);
        let token = made["accept_url"]
            .as_str()
            .expect("a link")
            .rsplit('=')
            .next();
        let visitor = self.people.sign_in(&self.app.url, &email);
        let joined = visitor.post("/api/v1/invitations/accept", &json!({"token": token}));
        let _ = joined.expect(200);
        let workspace = self.owner().get("/api/v1/workspace").expect(200);
        let visitor = visitor.within(workspace["id"].as_str().expect("an id"));
        let me = visitor.get("/api/v1/me").expect(200);
        let id = me["user"]["id"].as_str().expect("an id").to_owned();
        (visitor, id)
    }
}

impl Answer {
    /// The field that a refusal names first.
    ///
    /// # Panics
    /// When it is no refusal for its fields.
    #[must_use]
    #[track_caller]
    pub fn field(&self) -> Value {
        self.expect_problem(422, "validation")["errors"][0]["field"].clone()
    }
}

/// The id of what was made.
///
/// # Panics
/// When it has none.
#[must_use]
pub fn id(made: &Value) -> String {
    made["id"].as_str().expect("an id").to_owned()
}

/// A field of all rows of a list.
///
/// # Panics
/// When a row has it not as a text.
#[must_use]
#[track_caller]
pub fn column(client: &Client, path: &str, field: &str) -> Vec<String> {
    let page = client.get(path).expect(200);
    let rows = page["data"].as_array().expect("rows").iter();
    rows.map(|r| r[field].as_str().expect("a text").to_owned())
        .collect()
}

/// A request with `If-Match`.
pub fn tagged(client: &Client, method: &str, path: &str, tag: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    client.send(method, path, &headers, Some(body.to_string().as_bytes()))
}

/// A conversation of two traces; the first has two observations, a score on it and one on the second observation. What only the
/// workspace may read says `canary`.
///
/// # Panics
/// When it is not taken.
pub fn conversation(client: &Client) {
    let at = |s: u32| format!("2026-11-20T10:00:{s:02}Z");
    let batch = json!({
        "traces": [
            {"id": "t1", "name": "chat", "timestamp": at(0), "user_id": "canary-user", "session_id": "s1",
             "metadata": {"note": "canary-metadata"}, "tags": ["canary-tag"], "environment": "canary-environment"},
            {"id": "t2", "name": "chat", "timestamp": at(5), "session_id": "s1"},
        ],
        "observations": [
            {"id": "root", "trace_id": "t1", "type": "AGENT", "name": "answer", "start_time": at(0), "end_time": at(3),
             "input": "canary-input", "output": "canary-output"},
            {"id": "llm", "trace_id": "t1", "parent_id": "root", "type": "GENERATION", "name": "draft", "start_time": at(1),
             "end_time": at(2), "level": "ERROR", "status_message": "canary-status", "input": {"q": "canary-input"},
             "model": "large-1", "usage": {"input": 12, "output": 5}, "cost_usd": 0.25, "metadata": {"x": "canary-metadata"}},
        ],
        "scores": [
            {"id": "good", "trace_id": "t1", "name": "good", "value": 0.5, "comment": "canary-comment", "timestamp": at(4)},
            {"id": "right", "trace_id": "t1", "observation_id": "llm", "name": "right", "data_type": "CORRECTION",
             "string_value": "canary-correction", "timestamp": at(4)},
        ],
    });
    let done = client.post("/api/v1/ingest", &batch).expect(200);
    assert_eq!(done["rejected"], json!([]), "{done}");
}
