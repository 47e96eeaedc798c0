//! JSON templates of agents that speak a protocol of their own.

use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use serde_json::{Map, Value};

/// Most bytes a rendered body may have: 4 MiB.
const MAX_BODY: usize = 4 << 20;

/// Instructions one string of a template may spend. A plain `{{ input }}` takes fewer than ten.
const FUEL: u64 = 100_000;

/// Why a body template could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A string of the template is malformed, names something unknown, or computes too much.
    #[error("the template is wrong at `{pointer}`: {fault}")]
    Render {
        /// JSON pointer to the string within the template; of a header, its name after `headers`.
        pointer: String,
        /// What the template engine says.
        fault: String,
    },
    /// A header's value cannot be one.
    #[error("the header `{0}` would not be printable ASCII")]
    Header(String),
    /// The rendered body is larger than 4 MiB.
    #[error("the rendered body has {0} bytes, more than can be sent")]
    TooLarge(usize),
}

/// What a template may name.
#[derive(Debug, Serialize)]
pub(crate) struct Names<'a> {
    /// What the user said last.
    pub(crate) input: &'a str,
    /// The conversation: a list of `{role, content}`.
    pub(crate) messages: &'a Value,
    /// The run.
    pub(crate) run_id: &'a str,
}

/// Renders every string within `template`. A string that is exactly `{{ messages }}` becomes the list itself.
pub(crate) fn render(template: &Value, names: &Names<'_>) -> Result<Vec<u8>, TemplateError> {
    let body = Renderer::new(names).value(template, &mut String::new())?;
    let bytes = body.to_string().into_bytes();
    if bytes.len() > MAX_BODY {
        Err(TemplateError::TooLarge(bytes.len()))
    } else {
        Ok(bytes)
    }
}

/// Renders the value of a header. One without a template in it stays as it is.
pub(crate) fn render_header(
    name: &str,
    template: &str,
    names: &Names<'_>,
) -> Result<String, TemplateError> {
    if !template.contains('{') {
        return Ok(template.to_owned());
    }
    let pointer = format!("headers/{name}");
    let text = match Renderer::new(names).text(template, &pointer)? {
        Value::String(text) => text,
        other => other.to_string(),
    };
    if text.bytes().all(|b| (32..127).contains(&b)) {
        Ok(text)
    } else {
        Err(TemplateError::Header(name.to_owned()))
    }
}

struct Renderer<'a> {
    env: Environment<'a>,
    names: &'a Names<'a>,
    names_value: minijinja::Value,
}

impl<'a> Renderer<'a> {
    fn new(names: &'a Names<'a>) -> Self {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        env.set_fuel(Some(FUEL));
        let names_value = minijinja::Value::from(minijinja::value::Serde(names));
        Self {
            env,
            names,
            names_value,
        }
    }

    /// The depth of the recursion is that of the template, which the JSON parser has bounded.
    fn value(&self, template: &Value, pointer: &mut String) -> Result<Value, TemplateError> {
        Ok(match template {
            Value::String(text) => self.text(text, pointer)?,
            Value::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    out.push(self.below(pointer, &i.to_string(), item)?);
                }
                Value::Array(out)
            }
            Value::Object(fields) => {
                let mut out = Map::new();
                for (key, item) in fields {
                    out.insert(key.clone(), self.below(pointer, key, item)?);
                }
                Value::Object(out)
            }
            other => other.clone(),
        })
    }

    fn below(&self, pointer: &mut String, key: &str, item: &Value) -> Result<Value, TemplateError> {
        let len = pointer.len();
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        let rendered = self.value(item, pointer);
        pointer.truncate(len);
        rendered
    }

    fn text(&self, text: &str, pointer: &str) -> Result<Value, TemplateError> {
        let expression = text
            .trim()
            .strip_prefix("{{")
            .and_then(|t| t.strip_suffix("}}"));
        if expression.is_some_and(|e| e.trim() == "messages") {
            return Ok(self.names.messages.clone());
        }
        let rendered = self
            .env
            .render_str(text, &self.names_value)
            .map_err(|fault| TemplateError::Render {
                pointer: pointer.to_owned(),
                // The alternate form would quote the values, and with them what the user said.
                fault: fault.to_string(),
            })?;
        if rendered.len() > MAX_BODY {
            Err(TemplateError::TooLarge(rendered.len()))
        } else {
            Ok(Value::String(rendered))
        }
    }
}
