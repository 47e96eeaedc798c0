//! Expressions of Python and JavaScript, and what they come to.

use super::*;
use assay_expression::Variables;
use proptest::prelude::*;

#[test]
fn expressions_of_python() {
    let mut names = Names::default();
    names.set("text", Holds::Text, "");
    names.set("order", Holds::Anything, ".body");
    names.set("n", Holds::Number, "");
    for (python, cel) in [
        ("n > 1", "n > 1"),
        ("not n == 1", "!(n == 1)"),
        ("!text || n", "!(text != \"\") || n != 0"),
        ("1 < n <= 3", "1 < n && n <= 3"),
        (
            "text == 'it\\'s' or (n > 1 and n < 3)",
            "text == \"it's\" || (n > 1 && n < 3)",
        ),
        ("'a' not in text", "!text.contains(\"a\")"),
        ("text in ['a', 'b']", "text in [\"a\", \"b\"]"),
        ("n not in [1, 2]", "!(n in [1, 2])"),
        (
            "order.status == 'sent' and order['total'] >= 1.5",
            "order.body.status == \"sent\" && order.body[\"total\"] >= 1.5",
        ),
        ("order is not None", "order.body != null"),
        (
            "text.lower().startswith('a') && True",
            "text.lowerAscii().startsWith(\"a\") && true",
        ),
        (
            "'yes' in response.lower()",
            "answer.lowerAscii().contains(\"yes\")",
        ),
        ("len(messages) > 2", "size(messages) > 2"),
        ("text.length > 2;", "size(text) > 2"),
        ("n / 2 > 1", "double(n) / double(2) > 1"),
        ("n * (n + 1) == -2", "n * (n + 1) == -2"),
        ("True if n > 1 else False", "n > 1 ? true : false"),
        ("n === 1 ? true : false", "n == 1 ? true : false"),
        ("variables.get('n') == 1", "n == 1"),
    ] {
        assert_eq!(
            condition(python, &names, None).as_deref(),
            Ok(cel),
            "{python}"
        );
    }
    for uncertain in [
        "",
        "n >",
        "n > 1)",
        "((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))",
        "nobody > 1",
        "variables['nobody']",
        "variables",
        "order",
        "order.total and n",
        "text > 1",
        "text + n",
        "'a' in order",
        "response.confidence > 0.8",
        "n % 2 == 0",
        "n // 2",
        "n ** 2",
        "f'{n}' == 'a'",
        "lambda x: x",
        "__import__('os')",
        "text.format(1)",
        "'ỗ' in text.lower()",
        "(n or 2) > 1",
        "n = 1",
        "'open",
        "1 if n",
        "text[0] == 'a'",
        "1_000 > n",
    ] {
        assert!(condition(uncertain, &names, None).is_err(), "{uncertain}");
    }
    assert_eq!(value("n + 1", &names).as_deref(), Ok("n + 1"));
    assert!(value("n or 1", &names).is_err());
}

fn variables(values: &serde_json::Value) -> Variables {
    let mut variables = Variables::new();
    for (name, value) in values.as_object().unwrap() {
        variables.set(name, value).unwrap();
    }
    variables
}

#[test]
fn expressions_mean_what_they_meant() {
    let mut names = Names::default();
    names.set("text", Holds::Text, "");
    names.set("n", Holds::Number, "");
    let values = json!({"text": "Hello", "n": 2, "answer": "", "scores": {"a": 1.0}});
    // As Python has it.
    for (python, is) in [
        ("not n == 1", true),
        ("not text", false),
        ("not not text", true),
        ("!!text", true),
        ("content or n", true),
        ("1 < n < 2", false),
        ("n / 4 == 0.5", true),
        ("score > 0.5", true),
        ("'ell' in text and 'x' not in text", true),
        ("text.upper() == 'HELLO'", true),
        ("n in [1, 2.5]", false),
        ("(1 if text else 0) == 1", true),
        ("n == 1 or n == 2 and text == ''", false),
    ] {
        let cel = condition(python, &names, Some("a")).unwrap();
        let variables = variables(&values);
        let found = Expression::compile(&cel)
            .unwrap()
            .evaluate_bool(&variables)
            .unwrap();
        assert_eq!(found, is, "{python} as {cel}");
    }
    // What was not scored counts as 0.
    let cel = condition("score == 0", &names, Some("b")).unwrap();
    let variables = variables(&values);
    assert!(
        Expression::compile(&cel)
            .unwrap()
            .evaluate_bool(&variables)
            .unwrap()
    );
}

proptest! {
    #[test]
    fn any_text_is_an_expression_or_none(text in "[a-z0-9 '\"()\\[\\].,<>=!&|+*/?:-]{0,40}") {
        let names = Names::default();
        if let Ok(cel) = condition(&text, &names, Some("s")) {
            prop_assert!(Expression::compile(&cel).is_ok(), "{cel}");
        }
    }
}
