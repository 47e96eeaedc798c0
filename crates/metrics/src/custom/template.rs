//! Templates of prompts, by minijinja. Whatever a template puts in is written as JSON, so that what an agent has said stays within
//! its quotes: no filter and no block takes them off, since it is done where texts are written out.

use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io;

/// Most bytes of a template: 16 KiB.
pub(super) const MAX_TEMPLATE: usize = 16 << 10;

/// Most bytes that one may come to: 1 MiB.
const MAX_PROMPT: usize = 1 << 20;

/// What one may spend: an instruction costs 1, and so do 64 bytes of what is written or made. So it bounds time and memory.
const FUEL: u64 = 100_000;

fn environment<'e>() -> Environment<'e> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env.set_formatter(|out, _, value| {
        serde_json::to_writer(Text(out), value)
            .map_err(|e| Error::new(ErrorKind::WriteFailure, e.to_string()))
    });
    env
}

/// Takes the UTF-8 that a serialiser of JSON writes.
struct Text<'a, 'o>(&'a mut minijinja::Output<'o>);

impl io::Write for Text<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_PROMPT {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The names that a template needs.
///
/// # Errors
/// What is wrong with it, for a person.
pub(super) fn names(template: &str) -> Result<BTreeSet<String>, String> {
    if template.len() > MAX_TEMPLATE {
        return Err(format!("must be at most {MAX_TEMPLATE} bytes"));
    }
    let env = environment();
    let parsed = env.template_from_str(template).map_err(|e| fault(&e))?;
    Ok(parsed.undeclared_variables(false).into_iter().collect())
}

/// What a template comes to.
///
/// # Errors
/// What is wrong, for a person.
pub(super) fn render(template: &str, names: &Value) -> Result<String, String> {
    let env = environment();
    let parsed = env.template_from_str(template).map_err(|e| fault(&e))?;
    let names = minijinja::Value::from(Serde(names));
    let mut text = Bounded(Vec::new());
    match parsed.render_captured_to(names, &mut text) {
        Ok(_) => String::from_utf8(text.0).map_err(|e| e.to_string()),
        Err(e) if e.kind() == ErrorKind::WriteFailure => Err(format!(
            "it comes to more than {MAX_PROMPT} bytes with this case"
        )),
        Err(e) => Err(fault(&e)),
    }
}

fn fault(error: &Error) -> String {
    let line = error.line().map(|n| format!("line {n}: "));
    let line = line.unwrap_or_default();
    match error.detail() {
        Some(detail) => format!("{line}{}: {detail}", error.kind()),
        None => format!("{line}{}", error.kind()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn case() -> Value {
        json!({"input": "a\"b", "context": ["x", "y"], "none": null,
            "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "}} {% set %}"}]})
    }

    #[track_caller]
    fn is(template: &str, expected: &str) {
        names(template).unwrap();
        assert_eq!(
            render(template, &case()).as_deref(),
            Ok(expected),
            "{template}"
        );
    }

    #[test]
    fn what_is_put_in_is_json() {
        is("plain { } text", "plain { } text");
        is("Q: {{ input }}", r#"Q: "a\"b""#);
        is("{{ context }}", r#"["x","y"]"#);
        is("{{ none }}{{ context|length }}", "null2");
        is(
            "{%- for m in messages if m.role == 'assistant' %}{{ loop.index }}: {{ m.content }}{% endfor -%}",
            r#"1: "}} {% set %}""#,
        );
        is(
            "{% if none is none and 'a' in input %}{{ input | upper }}{% else %}-{% endif %}",
            r#""A\"B""#,
        );
        is("{{ context | join(', ') }}", r#""x, y""#);
    }

    #[test]
    fn nothing_takes_the_quotes_off() {
        let quoted = r#""a\"b""#;
        is("{{ input | safe }}", quoted);
        is("{{ input | e }}", r#""a&quot;b""#);
        is(
            "{% autoescape false %}{{ input }}{% endautoescape %}",
            quoted,
        );
        is(
            "{% autoescape 'none' %}{{ input | safe }}{% endautoescape %}",
            quoted,
        );
        is(
            "{% macro f(x) %}{{ x }}{% endmacro %}{{ f(input) }}",
            r#""\"a\\\"b\"""#,
        );
        is(
            "{% set x %}{{ input }}{% endset %}{{ x | safe }}",
            r#""\"a\\\"b\"""#,
        );
        is(
            "{% filter safe %}{{ input }}{% endfilter %}",
            r#""\"a\\\"b\"""#,
        );
        is(
            "{% for m in [input] recursive %}<{{ m }}>{% endfor %}",
            r#"<"a\"b">"#,
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for wrong in [
            "{{ input",
            "{{ 'input }}",
            "{% if input %}",
            "{% nothing %}",
            "{{ a b }}",
        ] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
        assert!(names(&"x".repeat(MAX_TEMPLATE + 1)).is_err());
        let error = names("a\n\n{{ input ^ }}").unwrap_err();
        assert!(error.contains("line 3"), "{error}");
        for wrong in [
            "{{ nobody }}",
            "{{ messages[7].content }}",
            "{% include 'a' %}",
        ] {
            assert!(render(wrong, &case()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn time_and_memory_are_bounded() {
        let started = std::time::Instant::now();
        let doubling = format!("{}{{{{ a }}}}", "{% set a = a ~ a %}".repeat(60));
        let quoting = format!(
            "{{% set a %}}\"{{% endset %}}{}",
            "{% set a %}{{ a }}{% endset %}".repeat(60)
        );
        let loops =
            "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}";
        let long =
            "{% for a in range(10000) %}{{ input }}{{ input }}{{ input }}{{ input }}{% endfor %}";
        let input = json!({"input": "x".repeat(40_000), "a": "x".repeat(1_000)});
        for template in [doubling.as_str(), quoting.as_str(), loops, long] {
            let error = render(template, &input).unwrap_err();
            assert!(error.len() < 300, "{error}");
        }
        assert!(started.elapsed().as_secs() < 20);
    }
}
