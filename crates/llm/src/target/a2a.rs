//! Agent2Agent (A2A) over JSON-RPC: the agent keeps the conversation under a `contextId`, and answers with a message or with
//! a task, which may take its time.
//!
//! Requests are of the version that the agent is said to speak; answers of 0.3 (`kind` says what a thing is) and of 1.0 (the
//! name of the member does) are both understood.

use super::{Heard, More, Turn};
use crate::answer::{parse_json, read_usage, reported_error, text_at};
use crate::extension::read_extension;
use crate::{AnswerError, ChatAnswer, cost, excerpt, parts, stream};
use assay_model::{A2aVersion, AgentSpec, Role};
use serde_json::{Map, Value, json};

/// Most artifacts of a task.
const MAX_ARTIFACTS: usize = 1000;

/// Headers of the version: one that names none means 0.3.
pub(super) const fn headers(agent: &AgentSpec) -> &'static [(&'static str, &'static str)] {
    match agent.a2a_version {
        A2aVersion::V0_3 => &[],
        A2aVersion::V1_0 => &[("a2a-version", "1.0")],
    }
}

/// Sends what the user said last or, once the agent has begun a task, asks for that.
pub(super) fn body(turn: &Turn<'_>, task: Option<&str>) -> Value {
    let v1 = turn.agent.a2a_version == A2aVersion::V1_0;
    // The same when a step is taken again, so that the agent can tell.
    let id = format!("{}-{}", turn.run_id, turn.messages.len());
    let (method, params) = match (task, v1, turn.agent.stream) {
        (Some(task), false, _) => ("tasks/get", json!({"id": task})),
        (Some(task), true, _) => ("GetTask", json!({"id": task})),
        (None, false, stream) => (
            if stream {
                "message/stream"
            } else {
                "message/send"
            },
            send(turn, &id, v1),
        ),
        (None, true, stream) => (
            if stream {
                "SendStreamingMessage"
            } else {
                "SendMessage"
            },
            send(turn, &id, v1),
        ),
    };
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn send(turn: &Turn<'_>, id: &str, v1: bool) -> Value {
    let mut sent = Vec::new();
    let mut part = |text: &str| {
        sent.push(if v1 {
            json!({"text": text})
        } else {
            json!({"kind": "text", "text": text})
        });
    };
    if let Some(earlier) = earlier(turn) {
        part(&earlier);
    }
    let said = turn.said();
    let images = said.map_or_else(Vec::new, |content| parts::a2a_images(content, v1));
    // Of an image alone the words would be an empty part.
    if images.is_empty() || !turn.input().is_empty() {
        part(turn.input());
    }
    sent.extend(images);
    let mut message = Map::new();
    if !v1 {
        message.insert("kind".into(), json!("message"));
    }
    let role = if v1 { "ROLE_USER" } else { "user" };
    message.insert("role".into(), json!(role));
    message.insert("messageId".into(), json!(id));
    message.insert("parts".into(), Value::Array(sent));
    for name in ["contextId", "taskId"] {
        if let Some(value) = turn.session.get(name).filter(|v| v.is_string()) {
            message.insert(name.into(), value.clone());
        }
    }
    let modes = json!(["text/plain", "application/json"]);
    let configuration = if v1 {
        json!({"acceptedOutputModes": modes, "returnImmediately": false})
    } else {
        json!({"acceptedOutputModes": modes, "blocking": true})
    };
    json!({"message": message, "configuration": configuration})
}

/// What was said before this agent was asked for the first time: it cannot know of it otherwise.
fn earlier(turn: &Turn<'_>) -> Option<String> {
    let last = turn.messages.iter().rposition(|m| m.role == Role::User)?;
    if !turn.session.is_null() || last == 0 {
        return None;
    }
    let mut text = "The conversation so far:".to_owned();
    for message in turn.messages.iter().take(last) {
        let who = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => continue,
        };
        text.push_str(&format!("\n{who}: {}", parts::words(&message.content)));
    }
    Some(text)
}

pub(super) fn read(turn: &Turn<'_>, body: &[u8]) -> Result<Heard, AnswerError> {
    let mut told = Told::default();
    if stream::is_events(body) {
        stream::hear_all(body, &mut told)?;
    } else {
        told.response(&parse_json(body)?)?;
    }
    told.heard(turn)
}

/// What the agent has told of its answer so far.
#[derive(Default)]
pub(super) struct Told {
    message: Option<String>,
    task: Option<String>,
    context: Option<String>,
    state: Option<String>,
    /// What was said with the state.
    status: String,
    /// By their ids, in the order of their first appearance.
    artifacts: Vec<(String, String)>,
    /// What the agent said last in the task's history.
    history: String,
    /// Where extensions of the protocol have their place.
    metadata: Map<String, Value>,
}

impl stream::Hears for Told {
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError> {
        if !data.trim().is_empty() {
            self.response(&parse_json(data.as_bytes())?)?;
        }
        Ok(false)
    }

    fn said(&self) -> String {
        let artifacts = self.artifacts();
        let texts: &[&str] = match (self.state.as_deref().unwrap_or_default(), &self.message) {
            ("", Some(message)) => return message.clone(),
            ("completed", _) => &[&artifacts, &self.status, &self.history],
            ("input-required", _) => &[&self.status, &artifacts, &self.history],
            // What is said with the state of a task that goes on is how far it is, not its answer.
            _ => &[&artifacts],
        };
        first(texts).unwrap_or_default()
    }
}

/// The first text that is not empty.
fn first(texts: &[&str]) -> Option<String> {
    let text = texts.iter().find(|text| !text.is_empty());
    text.map(|text| (*text).to_owned())
}

impl Told {
    /// The texts of all artifacts.
    fn artifacts(&self) -> String {
        let texts: Vec<&str> = self
            .artifacts
            .iter()
            .map(|(_, text)| text.as_str())
            .collect();
        texts.join("\n")
    }

    fn response(&mut self, response: &Value) -> Result<(), AnswerError> {
        if let Some(error) = reported_error(response) {
            return Err(error);
        }
        let result = response
            .get("result")
            .filter(|r| r.is_object())
            .ok_or(AnswerError::Shape("there is no `result`"))?;
        let (kind, thing) = kind_of(result).ok_or(AnswerError::Shape(
            "the `result` is neither a message nor a task",
        ))?;
        self.metadata.extend(
            thing
                .get("metadata")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone())),
        );
        self.context = text_at(thing, "contextId").or(self.context.take());
        match kind {
            Kind::Message => self.message = Some(parts(thing, "\n")),
            Kind::Task => {
                self.task = text_at(thing, "id");
                self.status(thing);
                for artifact in list(thing, "artifacts") {
                    self.artifact(artifact, false);
                }
                let said = list(thing, "history").rfind(|m| {
                    let role = m.get("role").and_then(Value::as_str).unwrap_or_default();
                    matches!(role, "agent" | "ROLE_AGENT")
                });
                self.history = said.map(|m| parts(m, "\n")).unwrap_or_default();
            }
            Kind::Status => {
                self.task = text_at(thing, "taskId").or(self.task.take());
                self.status(thing);
            }
            Kind::Artifact => {
                self.task = text_at(thing, "taskId").or(self.task.take());
                if let Some(artifact) = thing.get("artifact") {
                    let append = thing.get("append").and_then(Value::as_bool);
                    self.artifact(artifact, append.unwrap_or(false));
                }
            }
        }
        Ok(())
    }

    fn status(&mut self, thing: &Value) {
        let Some(status) = thing.get("status") else {
            return;
        };
        // `input-required`, and `TASK_STATE_INPUT_REQUIRED`.
        self.state = text_at(status, "state").map(|state| {
            let state = state.to_ascii_lowercase().replace('_', "-");
            state.trim_start_matches("task-state-").to_owned()
        });
        self.status = status
            .get("message")
            .map(|m| parts(m, "\n"))
            .unwrap_or_default();
    }

    fn artifact(&mut self, artifact: &Value, append: bool) {
        let id = text_at(artifact, "artifactId").unwrap_or_default();
        // Pieces of a stream: nothing stands between them.
        let text = parts(artifact, "");
        let room = self.artifacts.len() < MAX_ARTIFACTS;
        match self.artifacts.iter_mut().find(|(known, _)| *known == id) {
            Some((_, whole)) if append => whole.push_str(&text),
            Some((_, whole)) => *whole = text,
            None if room => self.artifacts.push((id, text)),
            None => {}
        }
    }

    fn heard(self, turn: &Turn<'_>) -> Result<Heard, AnswerError> {
        let mut session = Map::new();
        let known = turn.session.get("contextId").and_then(Value::as_str);
        if let Some(context) = self.context.as_deref().or(known) {
            session.insert("contextId".into(), json!(context));
        }
        let artifacts = self.artifacts();
        let state = self.state.as_deref().unwrap_or_default();
        let content = match (state, &self.message, &self.task) {
            ("", Some(message), _) => message.clone(),
            ("completed", ..) => first(&[&artifacts, &self.status, &self.history])
                .ok_or(AnswerError::Shape("the task is completed, but has no text"))?,
            ("input-required", _, task) => {
                // The answer to the question belongs to the same task.
                if let Some(task) = task {
                    session.insert("taskId".into(), json!(task));
                }
                first(&[&self.status, &artifacts, &self.history]).ok_or(AnswerError::Shape(
                    "the task needs input, but does not say which",
                ))?
            }
            ("submitted" | "working" | "unknown" | "unspecified" | "", _, Some(task)) => {
                return Ok(Heard {
                    more: More::Task(task.clone()),
                    ..Heard::default()
                });
            }
            ("failed" | "canceled" | "cancelled" | "rejected" | "auth-required", ..) => {
                let said = first(&[&self.status, &artifacts, &self.history]).unwrap_or_default();
                return Err(AnswerError::Task {
                    state: state.to_owned(),
                    said: excerpt(&said),
                });
            }
            (_, _, None) => return Err(AnswerError::Shape("the stream broke off")),
            _ => {
                return Err(AnswerError::Shape(
                    "the task is in a state that is not known",
                ));
            }
        };
        let metadata = Value::Object(self.metadata);
        let (tool_calls, retrieval_context) = read_extension(&metadata)?;
        let usage = read_usage(&metadata);
        Ok(Heard {
            answer: ChatAnswer {
                content,
                tool_calls,
                usage,
                cost_usd: cost(turn.agent.price.as_ref(), usage.as_ref()),
                model: text_at(&metadata, "model"),
                retrieval_context,
                finish_reason: self.state,
                ..ChatAnswer::default()
            },
            // An agent that names neither context nor task keeps nothing: it is told everything again.
            session: if session.is_empty() {
                Value::Null
            } else {
                Value::Object(session)
            },
            ..Heard::default()
        })
    }
}

enum Kind {
    Message,
    Task,
    Status,
    Artifact,
}

/// What a result is, and the thing itself.
fn kind_of(result: &Value) -> Option<(Kind, &Value)> {
    if let Some(kind) = result.get("kind").and_then(Value::as_str) {
        let kind = match kind {
            "message" => Kind::Message,
            "task" => Kind::Task,
            "status-update" => Kind::Status,
            "artifact-update" => Kind::Artifact,
            _ => return None,
        };
        return Some((kind, result));
    }
    for (name, kind) in [
        ("message", Kind::Message),
        ("task", Kind::Task),
        ("statusUpdate", Kind::Status),
        ("artifactUpdate", Kind::Artifact),
    ] {
        if let Some(thing) = result.get(name).filter(|thing| thing.is_object()) {
            return Some((kind, thing));
        }
    }
    // 1.0's `GetTask` answers with the task itself, and before 0.3 not everything had a kind.
    if result.get("id").is_some() && result.get("status").is_some_and(Value::is_object) {
        return Some((Kind::Task, result));
    }
    let message = result.get("parts").is_some_and(Value::is_array);
    message.then_some((Kind::Message, result))
}

fn list<'a>(value: &'a Value, name: &str) -> std::slice::Iter<'a, Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or([].iter(), |list| list.iter())
}

/// The text of a thing's parts; data as its JSON, files not at all.
fn parts(thing: &Value, between: &str) -> String {
    let texts: Vec<String> = list(thing, "parts")
        .filter_map(|part| match (part.get("text"), part.get("data")) {
            (Some(Value::String(text)), _) => Some(text.clone()),
            (_, Some(data)) if !data.is_null() => Some(data.to_string()),
            _ => None,
        })
        .collect();
    texts.join(between)
}

#[cfg(test)]
#[path = "a2a_tests.rs"]
mod tests;
