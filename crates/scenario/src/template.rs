//! Texts with variables in them, by minijinja. A name that is not known is an error, never an empty text.

use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value;
use std::collections::BTreeSet;

/// Most bytes that a template may come to: 1 MiB.
const MAX_BYTES: usize = 1 << 20;
/// Instructions that one may spend. A plain `{{ name }}` takes fewer than ten.
const FUEL: u64 = 100_000;

fn environment<'e>() -> Environment<'e> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(FUEL));
    env
}

/// What the template comes to.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn render(template: &str, names: &Value) -> Result<String, String> {
    if !template.contains('{') {
        return Ok(template.to_owned());
    }
    let names = minijinja::Value::from(minijinja::value::Serde(names));
    let text = environment()
        .render_str(template, names)
        .map_err(|e| fault(&e))?;
    if text.len() > MAX_BYTES {
        return Err(format!(
            "it comes to {} bytes, more than can be used",
            text.len()
        ));
    }
    Ok(text)
}

/// The names that the template needs from outside.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn names(template: &str) -> Result<BTreeSet<String>, String> {
    let env = environment();
    let parsed = env.template_from_str(template).map_err(|e| fault(&e))?;
    Ok(parsed.undeclared_variables(false).into_iter().collect())
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
    fn a_name_must_be_known() {
        let names_are = json!({"order": {"id": 7}, "tags": ["a", "b"]});
        let is =
            |template: &str, text: &str| assert_eq!(render(template, &names_are).unwrap(), text);
        is("plain", "plain");
        is("order {{ order.id }}", "order 7");
        is("{{ tags | join('-') }}", "a-b");
        for wrong in [
            "{{ nobody }}",
            "{{ order.nothing.at_all }}",
            "{% for",
            "{{ 1/0 }}",
        ] {
            assert!(render(wrong, &names_are).is_err(), "{wrong}");
        }
        assert!(render("{% for i in range(1000000) %}x{% endfor %}", &json!({})).is_err());
    }

    #[test]
    fn names_that_a_template_needs() {
        let found = names("{{ a }} {% for b in c %}{{ b.d }}{% endfor %}{{ e.f }}").unwrap();
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["a", "c", "e"]);
        assert!(names("{{").is_err());
    }
}
