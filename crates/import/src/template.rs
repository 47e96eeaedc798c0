//! Templates of prompts, by minijinja. promptfoo's are nunjucks', whose common part is the same.

use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value;
use std::io;

/// Most bytes that a template may come to: 1 MiB, which is what an item's text may have.
const MAX_BYTES: usize = 1 << 20;

/// Instructions that one may spend. A plain `{{ name }}` takes fewer than ten.
const FUEL: u64 = 100_000;

/// A writer that takes no more than it has room for.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_BYTES {
            return Err(io::Error::other("it comes to more than 1 MiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a template came to.
pub(crate) struct Rendered {
    /// The text.
    pub(crate) text: String,
    /// Names that it needs and nothing says: they are empty in the text, as they are in promptfoo.
    pub(crate) unknown: Vec<String>,
}

/// Whether there is anything to render.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Renders `template` with the fields of `names`, an object.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn render(template: &str, names: &Value) -> Result<Rendered, String> {
    if !is_template(template) {
        return Ok(Rendered {
            text: template.to_owned(),
            unknown: Vec::new(),
        });
    }
    if template.len() > MAX_BYTES {
        return Err("it has more than 1 MiB".to_owned());
    }
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(FUEL));
    // nunjucks' name for it.
    env.add_filter("dump", |value: minijinja::Value| {
        serde_json::to_string(&value).unwrap_or_default()
    });
    let parsed = env.template_from_str(template).map_err(|e| fault(&e))?;
    let mut unknown: Vec<String> = parsed
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| names.get(name).is_none())
        .collect();
    unknown.sort();
    let mut out = Bounded(Vec::new());
    parsed
        .render_captured_to(
            minijinja::Value::from(minijinja::value::Serde(names)),
            &mut out,
        )
        .map_err(|e| fault(&e))?;
    let text = String::from_utf8(out.0).map_err(|e| e.to_string())?;
    Ok(Rendered { text, unknown })
}

fn fault(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn templates() {
        let names = json!({"q": "<b> {{x}}", "list": ["a", "b"], "o": {"k": 1}});
        let is = |template: &str, text: &str| {
            assert_eq!(render(template, &names).unwrap().text, text, "{template}");
        };
        is("plain { q }", "plain { q }");
        is("Q: {{ q }}", "Q: <b> {{x}}");
        is("{% for x in list %}{{ x }},{% endfor %}", "a,b,");
        is("{{ o | dump }} {{ o.k }}{# c #}", "{\"k\":1} 1");
        let rendered = render("a{{ nobody.at.all }}b{{ q }}", &names).unwrap();
        assert_eq!(
            (rendered.text.as_str(), rendered.unknown),
            ("ab<b> {{x}}", vec!["nobody".to_owned()])
        );
    }

    #[test]
    fn what_a_template_comes_to_is_bounded() {
        let names = json!({"x": "y".repeat(1 << 19)});
        assert!(render("{{x}}{{x}}", &names).is_ok());
        assert!(render("{{x}}{{x}}{{x}}", &names).is_err());
        for wrong in [
            "{% for i in range(1000000) %}x{% endfor %}",
            "{% for i in range(9999) %}{{x}}{% endfor %}",
            "{{ ",
            "{% if %}",
            "{{ 'a' | no_such_filter }}",
            "{{ 1/0 }}",
        ] {
            assert!(render(wrong, &names).is_err(), "{wrong}");
        }
    }
}
