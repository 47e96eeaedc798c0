//! Providers of promptfoo as hints of agents. Credentials are never looked at.

use crate::AgentHint;
use crate::draft::Draft;
use crate::note::below;
use assay_model::AgentKind;
use serde_json::Value;

/// Hints of all providers that are named.
pub(super) fn read(value: &Value, at: &str, draft: &mut Draft) {
    match value {
        Value::String(id) => one(id, None, None, at, draft),
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                let at = below(at, i);
                match value {
                    Value::String(id) => one(id, None, None, &at, draft),
                    Value::Object(object) => match object.get("id").and_then(Value::as_str) {
                        Some(id) => one(id, Some(value), object.get("label"), &at, draft),
                        // The other way: the id is the key.
                        None => match object.iter().next() {
                            Some((id, options)) if object.len() == 1 => {
                                let label = options.get("label");
                                one(id, Some(options), label, &at, draft);
                            }
                            _ => draft.notes.dropped(at, "the provider", "it has no `id`"),
                        },
                    },
                    _ => draft.notes.dropped(at, "the provider", "it has no `id`"),
                }
            }
        }
        Value::Object(object) => {
            if let Some(id) = object.get("id").and_then(Value::as_str) {
                one(id, Some(value), object.get("label"), at, draft);
            } else {
                draft.notes.dropped(at, "the provider", "it has no `id`");
            }
        }
        _ => {}
    }
}

fn one(id: &str, options: Option<&Value>, label: Option<&Value>, at: &str, draft: &mut Draft) {
    let setting = |name: &str| {
        options?
            .get("config")?
            .get(name)?
            .as_str()
            .map(str::to_owned)
    };
    let mut hint = AgentHint {
        provider: bare(id).chars().take(200).collect(),
        label: label.and_then(Value::as_str).map(str::to_owned),
        kind: None,
        model: None,
        url: None,
    };
    let parts: Vec<&str> = id.splitn(3, ':').collect();
    match parts.as_slice() {
        ["http" | "https"] => {
            hint.kind = Some(AgentKind::Http);
            hint.url = setting("url");
        }
        ["http" | "https", ..] => {
            hint.kind = Some(AgentKind::Http);
            hint.url = Some(id.to_owned());
        }
        ["openai", "responses", model] => {
            hint.kind = Some(AgentKind::OpenaiResponses);
            hint.model = Some((*model).to_owned());
        }
        ["openai", "chat", model] => {
            hint.kind = Some(AgentKind::OpenaiChat);
            hint.model = Some((*model).to_owned());
        }
        ["openai", model] if !matches!(*model, "chat" | "responses") => {
            hint.kind = Some(AgentKind::OpenaiChat);
            hint.model = Some((*model).to_owned());
        }
        ["anthropic", "messages", model] => {
            hint.kind = Some(AgentKind::AnthropicMessages);
            hint.model = Some((*model).to_owned());
        }
        ["anthropic", model] => {
            hint.kind = Some(AgentKind::AnthropicMessages);
            hint.model = Some((*model).to_owned());
        }
        // They answer in the words of OpenAI's chat completions.
        [
            "openrouter" | "groq" | "mistral" | "deepseek" | "together" | "togetherai" | "xai"
            | "cerebras" | "litellm" | "localai" | "vllm",
            ..,
        ]
        | ["ollama", "chat", _] => {
            hint.kind = Some(AgentKind::OpenaiChat);
            let model = id.split_once(':').map(|(_, rest)| rest);
            hint.model = model.map(|m| m.strip_prefix("chat:").unwrap_or(m).to_owned());
        }
        _ => {
            let why = "there is no agent of this kind; one that answers over HTTP can be created in its place";
            draft
                .notes
                .dropped(at, format!("provider `{}`", bare(id)), why);
        }
    }
    if hint.kind.is_some() && hint.url.is_none() {
        hint.url = setting("apiBaseUrl").or_else(|| setting("apiHost"));
    }
    hint.url = hint.url.as_deref().map(bare);
    draft.agents.push(hint);
}

/// An address without what can be a key in it: a query, and a name and password. Anything else as it is.
fn bare(id: &str) -> String {
    let Some((scheme, rest)) = id.split_once("://") else {
        return id.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest
        .split_at_checked(rest.find('/').unwrap_or(rest.len()))
        .unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn addresses_lose_what_can_be_a_key() {
        for (id, shown) in [
            ("https://u:pw@host:1/a@b?key=k#f", "https://host:1/a@b"),
            ("https://host", "https://host"),
            ("file://provider.py:call", "file://provider.py:call"),
            ("openai:gpt-4.1", "openai:gpt-4.1"),
        ] {
            assert_eq!(bare(id), shown);
        }
        let mut draft = Draft::new("x");
        let value = serde_json::json!([{"id": "https", "config": {"url": "https://a:b@host/c?d=e"}}, "https://a:b@host"]);
        read(&value, "/providers", &mut draft);
        let told = serde_json::to_string(&draft.agents).unwrap();
        assert!(!told.contains("a:b") && !told.contains("d=e"), "{told}");
    }
}
