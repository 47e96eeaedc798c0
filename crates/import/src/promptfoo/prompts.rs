//! Prompts of promptfoo: texts and chats with variables, in place or in files.

use super::files;
use crate::draft::Draft;
use crate::note::below;
use crate::records::{self, Document};
use crate::template::{self, is_template};
use crate::value::{self, is_chat};
use crate::{Source, yaml};
use assay_model::{ChatEntry, ChatText, DatasetItem, PromptContent, PromptSpec};
use serde_json::{Value, json};

/// The line that stands between the prompts of one text file.
const BETWEEN: &str = "---";

/// A prompt.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    pub(super) at: String,
    pub(super) label: Option<String>,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Text(String),
    Chat(Vec<Value>),
}

/// What a prompt is asked with.
pub(super) struct Asked<'a> {
    pub(super) vars: &'a Value,
    pub(super) prefix: &'a str,
    pub(super) suffix: &'a str,
}

impl Prompt {
    fn new(at: &str, label: Option<String>, text: String) -> Self {
        let body = match chat(&text) {
            Some(chat) => Body::Chat(chat),
            None => Body::Text(text),
        };
        Self {
            at: at.to_owned(),
            label,
            body,
        }
    }

    /// Makes the rendered prompt what `item` asks; returns names that it needs and nothing says.
    ///
    /// # Errors
    /// Why it cannot be asked.
    pub(super) fn ask(
        &self,
        item: &mut DatasetItem,
        asked: &Asked<'_>,
    ) -> Result<Vec<String>, String> {
        let mut unknown = Vec::new();
        let mut render = |text: &str| {
            let rendered = template::render(text, asked.vars)
                .map_err(|fault| format!("its prompt cannot be rendered: {fault}"))?;
            unknown.extend(rendered.unknown);
            Ok::<_, String>(rendered.text)
        };
        match &self.body {
            Body::Text(text) => {
                let text = render(&[asked.prefix, text, asked.suffix].concat())?;
                // A chat whose template is JSON only when it is rendered.
                match chat(&text) {
                    Some(chat) => value::ask(item, &chat)?,
                    None => item.input = Some(text.into()),
                }
            }
            Body::Chat(chat) => {
                let mut out = Vec::with_capacity(chat.len());
                for message in chat {
                    let mut message = message.clone();
                    if let Some(Value::String(content)) = message.get_mut("content") {
                        *content = render(content)?;
                    }
                    out.push(message);
                }
                value::ask(item, &out)?;
            }
        }
        unknown.sort();
        unknown.dedup();
        Ok(unknown)
    }

    fn content(&self) -> PromptContent {
        match &self.body {
            Body::Text(text) => PromptContent::Text(text.clone()),
            Body::Chat(chat) => {
                let entries = chat.iter().map(|m| {
                    ChatEntry::Message(ChatText {
                        kind: None,
                        role: m.get("role").map(value::text).unwrap_or_default(),
                        content: m.get("content").map(value::text).unwrap_or_default(),
                    })
                });
                PromptContent::Chat(entries.collect())
            }
        }
    }
}

/// The messages of a text that is a chat in JSON or YAML.
fn chat(text: &str) -> Option<Vec<Value>> {
    let start = text.trim_start();
    let tree = if start.starts_with('[') {
        serde_json::from_str(start).ok()?
    } else if start.starts_with("- role:") {
        yaml::parse(text).ok()?
    } else {
        return None;
    };
    match tree {
        Value::Array(list) if is_chat(&list) => Some(list),
        _ => None,
    }
}

/// The prompts of a configuration. What cannot be read is noted.
pub(super) fn read(value: &Value, source: &Source<'_>, draft: &mut Draft) -> Vec<Prompt> {
    let mut out = Vec::new();
    match value {
        Value::String(text) => one(text, None, "/prompts", source, &mut out, draft),
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                let at = below("/prompts", i);
                match value {
                    Value::String(text) => one(text, None, &at, source, &mut out, draft),
                    Value::Object(object) => {
                        let label = ["label", "display", "id"]
                            .iter()
                            .find_map(|name| object.get(*name)?.as_str())
                            .map(str::to_owned);
                        let raw = object.get("raw").or_else(|| object.get("id"));
                        match raw.and_then(Value::as_str) {
                            Some(raw) => one(raw, label, &at, source, &mut out, draft),
                            None => draft.notes.dropped(
                                at,
                                "the prompt",
                                "it has neither `raw` nor `id`",
                            ),
                        }
                    }
                    other => {
                        let why = format!("it is {}", value::kind(other));
                        draft.notes.dropped(at, "the prompt", why);
                    }
                }
            }
        }
        // The older way: a label a file.
        Value::Object(object) => {
            for (raw, label) in object {
                let label = label.as_str().map(str::to_owned);
                one(raw, label, &below("/prompts", raw), source, &mut out, draft);
            }
        }
        _ => {}
    }
    out
}

fn one(
    raw: &str,
    label: Option<String>,
    at: &str,
    source: &Source<'_>,
    out: &mut Vec<Prompt>,
    draft: &mut Draft,
) {
    let elsewhere = [
        "langfuse://",
        "helicone://",
        "portkey://",
        "exec:",
        "http://",
        "https://",
    ];
    let found = if elsewhere.iter().any(|scheme| raw.starts_with(scheme)) {
        Err(match raw.starts_with("exec:") {
            true => "code is not run".to_owned(),
            false => "it is kept elsewhere".to_owned(),
        })
    } else if files::is_reference(raw) {
        of_file(raw, label, at, source)
    } else {
        Ok(vec![Prompt::new(at, label, raw.to_owned())])
    };
    match found {
        Ok(prompts) => out.extend(prompts),
        Err(why) => draft.notes.dropped(at, format!("prompt `{raw}`"), why),
    }
}

fn of_file(
    reference: &str,
    label: Option<String>,
    at: &str,
    source: &Source<'_>,
) -> Result<Vec<Prompt>, String> {
    let prompt = |text: &str| Prompt::new(at, label.clone(), text.trim().to_owned());
    let text = files::text(reference, source)?;
    let path = files::path(reference);
    let prompts: Vec<Prompt> = match files::ending(path).as_str() {
        "txt" => {
            let mut parts = vec![String::new()];
            for line in text.lines() {
                match parts.last_mut() {
                    Some(part) if line.trim() != BETWEEN => {
                        part.push_str(line);
                        part.push('\n');
                    }
                    _ => parts.push(String::new()),
                }
            }
            parts.iter().map(|part| prompt(part)).collect()
        }
        "yaml" | "yml" => match yaml::parse(&text)? {
            Value::Array(list) if is_chat(&list) => vec![prompt(&Value::Array(list).to_string())],
            _ => vec![prompt(&text)],
        },
        "jsonl" => text.lines().map(prompt).collect(),
        "csv" => {
            let mut notes = crate::note::Notes::default();
            let rows = records::read("prompts.csv", text.as_bytes(), &mut notes);
            let rows = rows.and_then(|d: Document| d.into_rows(&[], &mut notes));
            let rows = rows.map_err(|e| e.to_string())?;
            rows.into_iter()
                .filter_map(|mut row| {
                    let text = value::text(&row.take("prompt")?);
                    let label = row.take("label").as_ref().map(value::text);
                    Some(Prompt::new(at, label.or_else(|| Some(String::new())), text))
                })
                .map(|p| Prompt {
                    label: p.label.filter(|l| !l.is_empty()),
                    ..p
                })
                .collect()
        }
        _ => vec![prompt(&text)],
    };
    let said: Vec<Prompt> = prompts
        .into_iter()
        .filter(|p| !matches!(&p.body, Body::Text(text) if text.trim().is_empty()))
        .collect();
    match said.is_empty() {
        true => Err("it has no prompt".to_owned()),
        false => Ok(said),
    }
}

/// Keeps those prompts that say more than a variable.
pub(super) fn keep(prompts: &[Prompt], draft: &mut Draft) {
    let several = prompts.len() > 1;
    for (i, prompt) in prompts.iter().enumerate() {
        if matches!(&prompt.body, Body::Text(text) if is_bare(text)) {
            continue;
        }
        let label = prompt
            .label
            .as_deref()
            .and_then(|label| value::name(label, 150));
        let name = label.unwrap_or_else(|| match several {
            true => format!("{} prompt {}", draft.name, i + 1),
            false => format!("{} prompt", draft.name),
        });
        let spec = PromptSpec {
            name,
            description: "Imported from promptfoo".to_owned(),
            prompt: prompt.content(),
            config: json!(null),
            commit_message: None,
            tags: vec!["promptfoo".to_owned()],
        };
        draft.prompt(&prompt.at, spec);
    }
}

/// Whether a prompt is one variable and nothing else.
fn is_bare(text: &str) -> bool {
    let inside = text
        .trim()
        .strip_prefix("{{")
        .and_then(|t| t.strip_suffix("}}"));
    is_template(text) && inside.is_some_and(|name| !name.contains(['{', '}']))
}
