//! Expressions that try to use up time, memory or the stack.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_expression::{
    CompileError, DEFAULT_BUDGET, EvaluateError, Expression, MAX_DEPTH, MAX_LENGTH, MAX_NESTING,
    Variables,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a debug build may take of the budget on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The stack that everything must fit into; a component has a megabyte.
const STACK: usize = 1 << 20;

fn on_a_small_stack<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    // A debug build's frames are several times as large as those that ship.
    let stack = if cfg!(debug_assertions) {
        8 * STACK
    } else {
        STACK
    };
    std::thread::Builder::new()
        .stack_size(stack)
        .spawn(act)
        .unwrap()
        .join()
        .unwrap()
}

fn world(budget: u64) -> Variables {
    let rows: Vec<Value> = (0..2000)
        .map(|i| json!({"id": i, "text": "x".repeat(400), "tags": ["a", "b"]}))
        .collect();
    let mut variables = Variables::with_budget(budget);
    variables.set("rows", &json!(rows)).unwrap();
    variables
        .set("numbers", &json!((0..100_000).collect::<Vec<_>>()))
        .unwrap();
    variables.set("s", &json!("y".repeat(100_000))).unwrap();
    variables
}

#[test]
fn what_grows_without_bounds_is_stopped() {
    // As many steps as may stand in a row.
    let doubling = |step: &str| format!("numbers.map(x, 'text'){}", step.repeat(15));
    for source in [
        "numbers.all(a, numbers.all(b, numbers.all(c, true)))".to_owned(),
        "numbers.map(a, numbers.map(b, numbers))".to_owned(),
        "numbers.filter(a, numbers.exists(b, a + b == -1))".to_owned(),
        "numbers.exists_one(a, numbers.exists_one(b, false))".to_owned(),
        doubling(".map(x, x + x)"),
        doubling(".map(x, [x, x])"),
        doubling(".map(x, {'a': x, 'b': x})"),
        doubling(".map(x, [x, x].join('ab'))"),
        format!(
            "numbers.all(n, numbers.all(m, {} || true))",
            vec!["false"; 400].join("||")
        ),
        "numbers.all(n, rows == rows)".to_owned(),
        "numbers.all(n, rows + rows != [] )".to_owned(),
        "numbers.all(n, rows - rows == 1 || true)".to_owned(),
        "numbers.all(n, n in numbers)".to_owned(),
        "numbers.all(n, {rows: 1} == {} || true)".to_owned(),
        "numbers.all(n, s.contains('yyyyz') || true)".to_owned(),
        "numbers.all(n, size(s) > 0)".to_owned(),
        "numbers.all(n, s.matches('(y+)+z' + string(n)) || true)".to_owned(),
        "numbers.all(n, s.split('').size() > 0)".to_owned(),
        "numbers.map(n, s).join(s).size()".to_owned(),
        "numbers.all(n, max(numbers) > 0)".to_owned(),
        "numbers.all(n, merge({'a': rows}, {}).size() > 0)".to_owned(),
        "numbers.all(n, [rows][0].size() > 0)".to_owned(),
        // The error must not be caught.
        "numbers.all(a, numbers.all(b, a == b || true)) || true".to_owned(),
        "(numbers.map(a, numbers.map(b, a)) == []) || true ? 1 : 2".to_owned(),
    ] {
        let variables = world(DEFAULT_BUDGET / 5);
        let expression = Expression::compile(&source).unwrap_or_else(|e| panic!("{source}: {e}"));
        let start = Instant::now();
        assert_eq!(
            expression.evaluate(&variables),
            Err(EvaluateError::TooExpensive),
            "{source}"
        );
        println!("{:>6} ms {source:.80}", start.elapsed().as_millis());
        assert!(start.elapsed() < PATIENCE, "{source}");
        assert_eq!(
            Expression::compile("1").unwrap().evaluate(&variables),
            Err(EvaluateError::TooExpensive),
            "the budget is that of the variables"
        );
    }
}

#[test]
fn errors_that_would_copy_a_list_are_cheap() {
    for source in [
        "numbers.all(n, rows[0.5] == 1 || true)",
        "numbers.all(n, rows[n / 2.0 + 0.25] == 1 || true)",
    ] {
        let start = Instant::now();
        let result = Expression::compile(source)
            .unwrap()
            .evaluate(&world(DEFAULT_BUDGET));
        assert_eq!(result, Ok(json!(true)), "{source}");
        println!("{:>6} ms {source}", start.elapsed().as_millis());
        assert!(start.elapsed() < PATIENCE, "{source}");
    }
}

#[test]
fn a_large_result_is_refused() {
    let mut variables = Variables::new();
    variables.set("s", &json!("y".repeat(600_000))).unwrap();
    let evaluate = |source: &str| Expression::compile(source).unwrap().evaluate(&variables);
    assert!(evaluate("s").is_ok());
    assert_eq!(evaluate("s + s"), Err(EvaluateError::TooLarge));
    assert_eq!(evaluate("[s, s]"), Err(EvaluateError::TooLarge));
}

#[test]
fn deep_values_are_refused() {
    let deep = |levels: usize| (0..levels).fold(json!(1), |below, _| json!([below]));
    let mut variables = Variables::new();
    assert_eq!(variables.set("v", &deep(MAX_DEPTH)), Ok(()));
    let evaluate = |source: &str| Expression::compile(source).unwrap().evaluate(&variables);
    assert_eq!(evaluate("v"), Ok(deep(MAX_DEPTH)));
    assert_eq!(evaluate("[v]"), Err(EvaluateError::TooLarge));
    assert_eq!(
        Variables::new().set("v", &deep(MAX_DEPTH + 1)),
        Err(EvaluateError::TooLarge)
    );
}

#[test]
fn long_and_deep_texts_are_refused_before_they_are_parsed() {
    let limit = CompileError::TooDeep { limit: MAX_NESTING };
    for source in [
        "(".repeat(2000) + "1" + &")".repeat(2000),
        "[".repeat(2000) + &"]".repeat(2000),
        "{1:".repeat(1000) + "1" + &"}".repeat(1000),
        "f(".repeat(1000) + &")".repeat(1000),
        "!".repeat(4000) + "a",
        "-".repeat(4000) + "a",
        "a".to_owned() + &".b".repeat(2000),
        "a".to_owned() + &"[0]".repeat(1300),
        "1".to_owned() + &"+1".repeat(2000),
        "1".to_owned() + &"<1".repeat(2000),
        "a".to_owned() + &" in a".repeat(800),
        "a?b:".repeat(1000) + "c",
        "a?".repeat(1000) + "b" + &":c".repeat(1000),
    ] {
        assert_eq!(
            Expression::compile(&source).unwrap_err(),
            limit,
            "{source:.40}"
        );
    }
    let long = format!("'{}'", "a".repeat(MAX_LENGTH));
    assert_eq!(
        Expression::compile(&long).unwrap_err(),
        CompileError::TooLong { limit: MAX_LENGTH }
    );
}

/// Texts as deep as may be, in every way of being deep.
fn deepest() -> Vec<String> {
    let n = MAX_NESTING;
    let half = n / 2;
    vec![
        "(".repeat(n) + "1" + &")".repeat(n),
        "[".repeat(n) + "1" + &"]".repeat(n),
        "{'a':".repeat(n) + "1" + &"}".repeat(n),
        "size(".repeat(n) + "'a'" + &")".repeat(n),
        "a".to_owned() + &".b".repeat(n),
        "a".to_owned() + &"[0]".repeat(n),
        "1".to_owned() + &"+1".repeat(n),
        "-".repeat(n) + "n",
        "true ? 1 : ".repeat(n) + "2",
        "[1]".to_owned() + &".map(x,x)".repeat(half - 1),
        "[1].map(x,".repeat(n / 3) + "1" + &")".repeat(n / 3),
        "[1].all(x,".repeat(n / 3) + "true" + &")".repeat(n / 3),
        "[1].exists_one(x,".repeat(n / 3) + "true" + &")".repeat(n / 3),
        vec!["true"; 500].join("||"),
        vec!["(1 == 1)"; 300].join(" && "),
        format!("[{}]", vec!["1"; 1500].join(",")),
    ]
}

#[test]
fn the_deepest_texts_fit_on_the_stack() {
    for source in deepest() {
        let shown = source.clone();
        on_a_small_stack(move || {
            let start = Instant::now();
            let expression =
                Expression::compile(&source).unwrap_or_else(|e| panic!("{source}: {e}"));
            let compiled = start.elapsed();
            let mut variables = Variables::new();
            variables.set("n", &json!(1)).unwrap();
            variables.set("a", &json!({"b": 1})).unwrap();
            let _ = expression.evaluate(&variables);
            println!("{:>6} ms to compile {shown:.40}", compiled.as_millis());
            assert!(compiled < PATIENCE);
        });
    }
}

#[test]
fn the_edges_of_numbers_and_times_are_errors() {
    let mut variables = Variables::new();
    variables.set("least", &json!(i64::MIN)).unwrap();
    for source in [
        "least / -1",
        "least % -1",
        "-least",
        "least - 1",
        "least * -1",
        "0u - 1u",
        "int(1e300)",
        "uint(-1)",
        "timestamp('9999-12-31T23:59:59Z') + duration('9000h')",
        "timestamp('0001-01-01T00:00:00Z') - duration('9000h')",
        "duration('9223372036s') + duration('9223372036s')",
        "duration('-9e99h')",
        "duration('--9e99h')",
        "timestamp('2026-01-01T00:00:00Z').getHours('+99999999999:00')",
        "timestamp('2026-01-01T00:00:00Z').getHours('é')",
        "timestamp('2026-01-01T00:00:00Z').getHours(':')",
        "timestamp(9223372036854775807)",
        "[1][18446744073709551615u]",
        "[1][1e300]",
        "'a'.matches('(')",
        "'a'.matches('(?:\\\\w{1000}){1000}')",
        "bool('maybe')",
        "double('x')",
        "string(b'\\xff')",
    ] {
        let expression = Expression::compile(source).unwrap_or_else(|e| panic!("{source}: {e}"));
        let result = expression.evaluate(&variables);
        assert!(
            result.is_err() || source.contains("% -1"),
            "{source}: {result:?}"
        );
    }
}
