//! Whatever a client sends, there is an answer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_expression::{Expression, Variables};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |f| f.is_finite().then(|| json!(f))),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-e]{0,3}", inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Pieces of the language, in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "x",
        "state",
        "true",
        "false",
        "null",
        "in",
        "has",
        "size",
        "map",
        "all",
        "filter",
        "exists",
        "exists_one",
        "existsOne",
        "sum",
        "merge",
        "timestamp",
        "duration",
        "matches",
        "optional",
        "optMap",
        "type",
        "int",
        "uint",
        "double",
        "bytes",
        "1",
        "0",
        "2u",
        "1.5",
        ".5",
        "1e3",
        "0x1f",
        "-",
        "+",
        "*",
        "/",
        "%",
        "!",
        "<",
        "<=",
        ">",
        ">=",
        "==",
        "!=",
        "&&",
        "||",
        "?",
        ":",
        ",",
        ".",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'a'",
        "\"b\"",
        "b'c'",
        "r'\\d'",
        "'''t'''",
        "'\\u00e9'",
        " ",
        "\n",
        "// c\n",
        "@",
        "`",
        "é",
        "'",
        "\\",
        "T{",
        ".a",
        ".map(x,",
        ".all(x,",
        "if",
        "for",
        "\u{0}",
        "9223372036854775808",
        "-9223372036854775808",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Expressions that do compile, of any types.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "state",
        "state.a",
        "state.b",
        "x",
        "1",
        "0",
        "-1",
        "2u",
        "1.5",
        "'a'",
        "''",
        "b'a'",
        "true",
        "null",
        "[]",
        "{}",
        "[1, 'a', null]",
        "{'a': 1, 2: 3}",
        "timestamp(0)",
        "duration('1s')",
        "9223372036854775807",
        "int",
        "state['c']",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "in",
        ]);
        let function = prop::sample::select(vec![
            "size",
            "string",
            "int",
            "uint",
            "double",
            "bool",
            "bytes",
            "type",
            "dyn",
            "duration",
            "timestamp",
            "sum",
            "min",
            "max",
            "round",
            "-",
            "!",
        ]);
        let method = prop::sample::select(vec![
            "contains",
            "startsWith",
            "endsWith",
            "matches",
            "split",
            "join",
            "getHours",
            "getDayOfYear",
        ]);
        let each = prop::sample::select(vec!["map", "filter", "all", "exists", "exists_one"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (function, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            (inner.clone(), method, inner.clone()).prop_map(|(a, m, b)| format!("({a}).{m}({b})")),
            (inner.clone(), each, inner.clone()).prop_map(|(a, e, b)| format!("({a}).{e}(x, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("merge({a}, {{'k': {b}}})")),
            inner.clone().prop_map(|a| format!("[{a}, {a}]")),
            inner.prop_map(|a| format!("({a}).a")),
        ]
    })
}

fn world(state: &Value) -> Variables {
    let mut variables = Variables::with_budget(50_000);
    variables.set("state", state).unwrap();
    variables.set("x", &json!([1, 2.5, "a"])).unwrap();
    variables
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_text_is_compiled_or_refused(text in ".{0,60}") {
        let _ = Expression::compile(&text);
    }

    #[test]
    fn any_pieces_are_compiled_or_refused(text in soup(), state in any_json()) {
        if let Ok(expression) = Expression::compile(&text) {
            let _ = expression.evaluate(&world(&state));
        }
    }

    #[test]
    fn an_expression_gives_the_same_each_time(source in expression(), state in any_json()) {
        if let Ok(expression) = Expression::compile(&source) {
            let (one, two) = (world(&state), world(&state));
            prop_assert_eq!(expression.evaluate(&one), expression.evaluate(&two), "{}", source);
            prop_assert_eq!(one.budget(), two.budget(), "{}", source);
        }
    }

    #[test]
    fn json_comes_back_as_it_went_in(value in any_json()) {
        let mut variables = Variables::new();
        variables.set("v", &value).unwrap();
        let found = Expression::compile("v").unwrap().evaluate(&variables).unwrap();
        prop_assert_eq!(&found, &value);
        let equal = Expression::compile("v == v").unwrap().evaluate_bool(&variables);
        prop_assert_eq!(equal, Ok(true));
    }
}

#[test]
fn most_expressions_of_the_generator_compile() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let compiled = (0..300)
        .filter(|_| {
            let source = expression().new_tree(&mut runner).unwrap().current();
            Expression::compile(&source).is_ok()
        })
        .count();
    assert!(compiled > 200, "{compiled} of 300");
}
