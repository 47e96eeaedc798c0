//! What expressions mean: conversions, operators, functions, names, errors.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_expression::{CompileError, EvaluateError, Expression, Variables, check_expression};
use assay_model::Validator;
use serde_json::{Value, json};

fn variables(value: &Value) -> Variables {
    let mut variables = Variables::new();
    for (name, value) in value.as_object().unwrap() {
        variables.set(name, value).unwrap();
    }
    variables
}

fn evaluate(source: &str, value: &Value) -> Result<Value, EvaluateError> {
    Expression::compile(source)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
        .evaluate(&variables(value))
}

#[track_caller]
fn gives(source: &str, value: &Value, expected: Value) {
    let found = evaluate(source, value);
    assert_eq!(found, Ok(expected.clone()), "{source}");
    // 1 and 1.0 are equal as JSON only by their text.
    assert_eq!(found.unwrap().to_string(), expected.to_string(), "{source}");
}

#[test]
fn numbers_keep_their_kind() {
    let none = json!({});
    for (source, expected) in [
        ("1", json!(1)),
        ("1.0", json!(1.0)),
        (
            "18446744073709551615u",
            json!(18_446_744_073_709_551_615_u64),
        ),
        ("7 / 2", json!(3)),
        ("7 % 4", json!(3)),
        ("7.0 / 2", json!(3.5)),
        ("2 * 1.5", json!(3.0)),
        ("1.5 - 1", json!(0.5)),
        ("2u + 0.5", json!(2.5)),
        ("1 == 1.0", json!(true)),
        ("1 < 1.5", json!(true)),
        ("int(2.9)", json!(2)),
    ] {
        gives(source, &none, expected);
    }
    let input = json!({"int": 5, "big": u64::MAX, "real": 10.5, "e": 1e300});
    gives("big", &input, json!(u64::MAX));
    gives("type(big) == uint", &input, json!(true));
    gives("real + 2", &input, json!(12.5));
    assert_eq!(
        evaluate("e * e", &input),
        Err(EvaluateError::NotJson("a number that is not finite"))
    );
}

#[test]
fn other_values_become_json() {
    let none = json!({});
    gives("null", &none, Value::Null);
    gives("b'ab'", &none, json!("YWI="));
    gives("type(1)", &none, json!("int"));
    gives(
        "{1: 'a', true: 'b', 'k': [null]}",
        &none,
        json!({"1": "a", "true": "b", "k": [null]}),
    );
    gives(
        "timestamp('2026-01-02T03:04:05.120+01:00')",
        &none,
        json!("2026-01-02T02:04:05.12Z"),
    );
    gives(
        "duration('90m') + duration('500ms')",
        &none,
        json!("5400.5s"),
    );
    gives("duration('-1500ms')", &none, json!("-1.5s"));
    gives(
        "string(timestamp('2026-01-02T03:04:05Z') - timestamp('2026-01-01T03:04:05Z'))",
        &none,
        json!("86400s"),
    );
    gives(
        "timestamp(at) - duration('1h')",
        &json!({"at": "2026-01-02T03:04:05Z"}),
        json!("2026-01-02T02:04:05Z"),
    );
    gives(
        "string(timestamp(0))",
        &none,
        evaluate("timestamp(0)", &none).unwrap(),
    );
    assert_eq!(
        evaluate("{1: 'a', '1': 'b'}", &none),
        Err(EvaluateError::NotJson(
            "two keys of an object have the same text"
        ))
    );
}

#[test]
fn macros_go_through_keys_in_order() {
    let input = json!({"m": {"b": 2, "a": 1, "d": 4, "c": 3, "e": 5}, "l": [3, 1, 2]});
    for (source, expected) in [
        ("m.map(k, k)", json!(["a", "b", "c", "d", "e"])),
        ("m.map(k, m[k] > 2, m[k] * 10)", json!([30, 40, 50])),
        ("m.filter(k, m[k] % 2 == 0)", json!(["b", "d"])),
        ("m.all(k, m[k] > 0)", json!(true)),
        ("m.exists(k, m[k] > 4)", json!(true)),
        ("l.exists_one(x, x == 3)", json!(true)),
        (
            "l.map(x, l.map(y, x * y))",
            json!([[9, 3, 6], [3, 1, 2], [6, 2, 4]]),
        ),
        ("has(m.a) && !has(m.z)", json!(true)),
        ("'a' in m && 3 in l && !(9 in l)", json!(true)),
        ("l + [4]", json!([3, 1, 2, 4])),
        ("l.all(x, x > 0 || x / 0 == 1)", json!(true)),
        ("l.exists(x, x / 0 == 1 || x == 2)", json!(true)),
    ] {
        gives(source, &input, expected);
    }
}

#[test]
fn functions_beside_the_standard() {
    let input =
        json!({"items": [{"price": 10, "n": 2}, {"price": 2.5, "n": 1}], "text": " A-b-C "});
    for (source, expected) in [
        ("sum(items.map(i, i.price * i.n))", json!(22.5)),
        ("sum([])", json!(0)),
        ("sum([1, 2])", json!(3)),
        ("min([3, 1.5, 2])", json!(1.5)),
        ("max(['a', 'c', 'b'])", json!("c")),
        ("round(2.345, 2)", json!(2.35)),
        ("round(2.5)", json!(3.0)),
        ("round(7)", json!(7)),
        (
            "merge({'a': 1, 'b': {'c': 1}}, {'b': 2})",
            json!({"a": 1, "b": 2}),
        ),
        (
            "text.trim().lowerAscii().split('-')",
            json!(["a", "b", "c"]),
        ),
        ("text.trim().upperAscii()", json!("A-B-C")),
        ("'añb'.split('')", json!(["a", "ñ", "b"])),
        ("['a', 'b'].join(', ') + ['c', 'd'].join()", json!("a, bcd")),
        (
            "'ab12'.matches('^[a-z]+[0-9]+$') && matches('x', 'x')",
            json!(true),
        ),
        ("size('añb') + size([1]) + items.size()", json!(6)),
    ] {
        gives(source, &input, expected);
    }
    for (source, expected) in [
        ("sum(['a', 'b'])", "`sum` does not go with string"),
        ("min([])", "min: the list is empty"),
        ("min([1, 'a'])", "`min` does not go with string and int"),
        (
            "round(1.5, 16)",
            "round: the number of places must be between 0 and 15",
        ),
        ("merge({}, [])", "`merge` does not go with map and list"),
    ] {
        assert_eq!(
            evaluate(source, &input).unwrap_err().to_string(),
            expected,
            "{source}"
        );
    }
}

#[test]
fn variables_are_free_names() {
    for (source, expected) in [
        ("a.b.c == d[e] && f(1)", None),
        ("a.b.c == d[e]", Some(vec!["a", "d", "e"])),
        (
            "items.all(x, x > y && x in z)",
            Some(vec!["items", "y", "z"]),
        ),
        ("items.map(x, x.map(y, y)) == x", Some(vec!["items", "x"])),
        ("items.map(x, .x)", Some(vec!["items", "x"])),
        ("has(a.b) && type(c) == int", Some(vec!["a", "c"])),
        ("{'a': b, c: 'd'}", Some(vec!["b", "c"])),
        ("'a' + \"b\"", Some(vec![])),
        ("x.filter(x, x)", Some(vec!["x"])),
    ] {
        let names = Expression::compile(source)
            .map(|e| e.variables().map(str::to_owned).collect::<Vec<_>>());
        match expected {
            Some(expected) => assert_eq!(names.unwrap(), expected, "{source}"),
            None => assert_eq!(
                names,
                Err(CompileError::UnknownFunction("f".into())),
                "{source}"
            ),
        }
    }
}

#[test]
fn what_is_left_out_is_refused_when_compiled() {
    for (source, expected) in [
        ("", CompileError::Empty),
        (" \n", CompileError::Empty),
        ("foo(1)", CompileError::UnknownFunction("foo".into())),
        ("a.foo()", CompileError::UnknownFunction("foo".into())),
        ("size(1, 2)", CompileError::UnknownFunction("size".into())),
        ("optional.of(1)", CompileError::UnknownFunction("of".into())),
        ("T{a: 1}", CompileError::Unsupported("messages")),
        (
            "google.protobuf.Timestamp{}",
            CompileError::Unsupported("messages"),
        ),
    ] {
        assert_eq!(
            Expression::compile(source).unwrap_err(),
            expected,
            "{source}"
        );
    }
    for source in [
        "a.?b",
        "a[?0]",
        "[?a]",
        "1 +",
        "a b",
        "if",
        "1 ? 2",
        "has(a)",
        "[1].map(1, 2)",
    ] {
        assert!(
            matches!(
                Expression::compile(source),
                Err(CompileError::Syntax { .. })
            ),
            "{source}: {:?}",
            Expression::compile(source)
        );
    }
}

#[test]
fn errors_are_typed_and_short() {
    let input = json!({"o": {"a": 1}, "l": [1], "big": vec!["x"; 10_000]});
    for (source, expected) in [
        ("p.a", EvaluateError::UnknownVariable("p".into())),
        ("o.b", EvaluateError::MissingField("b".into())),
        ("l[3]", EvaluateError::OutOfBounds),
        ("l[-1]", EvaluateError::OutOfBounds),
        ("1 / 0", EvaluateError::Number("a division by zero")),
        ("1 % 0", EvaluateError::Number("a division by zero")),
        (
            "9223372036854775807 + 1",
            EvaluateError::Number("a number does not fit into 64 bits"),
        ),
        (
            "o + 1",
            EvaluateError::WrongType("`+` does not go with map and int".into()),
        ),
        (
            "big - big",
            EvaluateError::WrongType("`-` does not go with list and list".into()),
        ),
        (
            "1 < 'a'",
            EvaluateError::WrongType("`<` does not go with int and string".into()),
        ),
        (
            "l + o",
            EvaluateError::WrongType("`+` does not go with list and map".into()),
        ),
        (
            "1 in 2",
            EvaluateError::WrongType("`in` does not go with int and int".into()),
        ),
    ] {
        let found = evaluate(source, &input);
        assert_eq!(found, Err(expected), "{source}");
        assert!(found.unwrap_err().to_string().len() < 200);
    }
    assert!(matches!(
        evaluate("l[0.5]", &input),
        Err(EvaluateError::WrongType(_))
    ));
    assert!(matches!(
        evaluate("timestamp('yesterday')", &input),
        Err(EvaluateError::Function { .. })
    ));
}

#[test]
fn conditions_are_true_or_false() {
    let input = variables(&json!({"n": 3}));
    let condition = |source: &str| Expression::compile(source).unwrap().evaluate_bool(&input);
    assert_eq!(condition("n > 2"), Ok(true));
    assert_eq!(condition("n > 3"), Ok(false));
    assert_eq!(condition("n"), Err(EvaluateError::NotBool("a number")));
    assert_eq!(condition("'true'"), Err(EvaluateError::NotBool("a string")));
    assert_eq!(condition("{}"), Err(EvaluateError::NotBool("an object")));
}

#[test]
fn a_variable_can_be_replaced() {
    let mut input = Variables::new();
    let expression = Expression::compile("n + 1").unwrap();
    for n in 0..3 {
        input.set("n", &json!(n)).unwrap();
        assert_eq!(expression.evaluate(&input), Ok(json!(n + 1)));
    }
}

#[test]
fn saving_names_the_field() {
    let mut v = Validator::default();
    v.at("checks", |v| {
        assert!(check_expression(v, "0", "state.a == 1", &["state", "args"]).is_some());
        assert!(check_expression(v, "1", "stat.a == 1", &["state", "args"]).is_some());
        assert!(check_expression(v, "2", "state.a ==", &["state", "args"]).is_none());
    });
    let errors = v.finish().unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(fields, ["/checks/1", "/checks/2"]);
    assert_eq!(
        errors[0].message,
        "there is no variable `stat` here; there are state, args"
    );
    assert!(
        errors[1].message.starts_with("line 1, column "),
        "{}",
        errors[1].message
    );
}
