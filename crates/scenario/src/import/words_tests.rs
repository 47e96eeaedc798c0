//! Templates of the source, and those that they become.

use super::*;
use proptest::prelude::*;

#[test]
fn templates() {
    let mut names = Names::default();
    names.set("name", Holds::Text, "");
    names.set("order", Holds::Anything, ".body");
    let mut says = Vec::new();
    for (text, template) in [
        ("plain", "plain"),
        ("Hi {{name}}!", "Hi {{ name }}!"),
        (
            "Hi {{ name }}, ${name} and {name}",
            "Hi {{ name }}, {{ name }} and {{ name }}",
        ),
        (
            "{{order.id}} {{response}}",
            "{{ order.body.id }} {{ answer }}",
        ),
        (
            r#"{"a": "{{name}}", "b": {{order}}}"#,
            r#"{"a": "{{ name }}", "b": {{ order.body }}}"#,
        ),
        ("{other} {3} {", "{other} {3} {"),
        (
            "{% if %} {# x #} {{ a b }}",
            "{{ '{' }}% if %} {{ '{' }}# x #} {{ '{' }}{ a b }}",
        ),
        ("{${name}", "{{ '{' }}{{ name }}"),
        ("{{{name}}}", "{{ '{' }}{{ name }}}"),
    ] {
        assert_eq!(names.template(text, 1000, &mut says), template, "{text}");
    }
    assert!(
        says.iter()
            .any(|s| s.contains("`{other}` is taken word for word"))
    );
    assert!(names.variables.is_empty());
    assert_eq!(
        names.template("{{unset}} {{in}}", 1000, &mut says),
        "{{ unset }} {{ in_2 }}"
    );
    assert_eq!(names.variables.len(), 2);
    assert!(names.template(&"{{ ".repeat(1000), 100, &mut says).len() <= 100);
}

proptest! {
    #[test]
    fn any_text_is_a_template_of_its_own(text in "[{}%#$ xy'.\n-]{0,24}") {
        let mut names = Names::default();
        names.set("x", Holds::Text, "");
        let template = names.template(&text, 10_000, &mut Vec::new());
        prop_assert!(crate::template::names(&template).is_ok(), "{template}");
    }
}
