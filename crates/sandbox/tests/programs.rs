//! Programs that are run, and those that are not: each limit, each function, each way to go wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_sandbox::{Execution, Failure, Limits, MAX_BYTES, Progress, Ran, World, check, run};
use serde_json::{Value, json};

/// A program with the given functions of its host, memory and body.
fn program(imports: &str, pages: u32, body: &str) -> Vec<u8> {
    let text = format!(
        "(module {imports} (memory (export \"memory\") {pages}) {body})",
        imports = imports
            .split_whitespace()
            .map(import)
            .collect::<Vec<_>>()
            .join(" ")
    );
    wat::parse_str(&text).unwrap_or_else(|e| panic!("{e}"))
}

fn import(name: &str) -> String {
    let ty = match name {
        "proc_exit" => "(param i32)",
        "clock_time_get" => "(param i32 i64 i32) (result i32)",
        "args_get" | "environ_get" | "random_get" | "args_sizes_get" | "environ_sizes_get"
        | "fd_fdstat_get" | "fd_prestat_get" | "clock_res_get" => "(param i32 i32) (result i32)",
        "fd_close" => "(param i32) (result i32)",
        "fd_seek" => "(param i32 i64 i32 i32) (result i32)",
        "sched_yield" => "(result i32)",
        _ => "(param i32 i32 i32 i32) (result i32)",
    };
    format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} {ty}))")
}

/// Writes what stands at 1024, `len` bytes of it.
const WRITE: &str = "(func $write (param $fd i32) (param $len i32)
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (local.get $len))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))";

/// A program that does `body`.
fn doing(imports: &str, body: &str) -> Vec<u8> {
    program(imports, 1, &format!("(func (export \"_start\") {body})"))
}

/// A program that writes `text` and then does `body`.
fn saying(fd: i32, text: &str, body: &str) -> Vec<u8> {
    let escaped: String = text.bytes().map(|b| format!("\\{b:02x}")).collect();
    let body = format!(
        "(data (i32.const 1024) \"{escaped}\") {WRITE}
         (func (export \"_start\") (call $write (i32.const {fd}) (i32.const {})) {body})",
        text.len()
    );
    program("fd_write proc_exit", 1, &body)
}

/// Writes what it reads.
fn echo() -> Vec<u8> {
    let body = format!(
        "{WRITE} (func (export \"_start\")
            (i32.store (i32.const 0) (i32.const 1024))
            (i32.store (i32.const 4) (i32.const 60000))
            (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (call $write (i32.const 1) (i32.load (i32.const 8))))"
    );
    program("fd_read fd_write", 1, &body)
}

/// Writes 8 bytes as a number, that `body` puts at 16.
fn number(imports: &str, body: &str) -> Vec<u8> {
    let body = format!(
        "{WRITE} (func (export \"_start\") (local $n i64) (local $at i32)
            {body}
            (local.set $n (i64.load (i32.const 16)))
            (local.set $at (i32.const 1044))
            (loop $digits
                (local.set $at (i32.sub (local.get $at) (i32.const 1)))
                (i32.store8 (local.get $at)
                    (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))
                (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
                (br_if $digits (i64.ne (local.get $n) (i64.const 0))))
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (i32.sub (i32.const 1044) (local.get $at)))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))"
    );
    program(&format!("fd_write {imports}"), 1, &body)
}

fn ran(bytes: &[u8], input: &Value) -> Ran {
    run(bytes, input, World::default(), Limits::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn fails(bytes: &[u8]) -> Failure {
    run(bytes, &Value::Null, World::default(), Limits::default()).unwrap_err()
}

/// A stop that is not for what was spent.
#[track_caller]
fn trapped(bytes: &[u8], with: &str) {
    match fails(bytes) {
        Failure::Trapped { what, .. } => assert!(what.contains(with), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_goes_in_and_a_value_comes_out() {
    for value in [json!({"a": [1, "é", null]}), json!(7), json!("x")] {
        let ran = ran(&echo(), &value);
        assert_eq!((&ran.output, ran.stderr.as_str()), (&value, ""));
        assert!(ran.fuel > 0 && ran.fuel < 10_000, "{}", ran.fuel);
    }
    // An input longer than a buffer is read in pieces: here the first alone, which is no JSON.
    let long = json!("x".repeat(70_000));
    let failure = run(&echo(), &long, World::default(), Limits::default());
    assert!(matches!(failure, Err(Failure::NotJson(_))), "{failure:?}");
}

#[test]
fn bytes_that_are_no_program_are_refused_in_words() {
    let refused = |bytes: &[u8], words: &str| {
        let why = check(bytes).unwrap_err();
        assert!(why.to_string().contains(words), "{why}");
        assert_eq!(fails(bytes), Failure::Refused(why));
    };
    let text = |text: &str| wat::parse_str(text).unwrap();
    refused(b"", "is no WebAssembly module");
    refused(b"(module)", "is no WebAssembly module");
    refused(b"\0asm", "cannot be used");
    refused(b"\0asm\x01\0\0\0\x01\xff", "cannot be used");
    refused(&text("(component)"), "is a component");
    refused(&text("(module)"), "function `_start`");
    refused(
        &text("(module (func (export \"_start\") (param i32)))"),
        "function `_start`",
    );
    refused(
        &text("(module (func (export \"_start\")))"),
        "memory `memory`",
    );
    refused(
        &text("(module (memory 1) (func $f (export \"_start\")) (func (export \"memory\")))"),
        "memory `memory`",
    );
    refused(
        &text("(module (import \"env\" \"now\" (func)) (import \"env\" \"other\" (func)))"),
        "imports `env` `now`",
    );
    refused(
        &text("(module (import \"wasi_snapshot_preview1\" \"fly\" (func)))"),
        "no function of WASI",
    );
    refused(
        &text("(module (import \"wasi_snapshot_preview1\" \"fd_close\" (func (param i64))))"),
        "takes or returns something else",
    );
    refused(
        &text("(module (import \"wasi_snapshot_preview1\" \"memory\" (memory 1)))"),
        "which is a function",
    );
    refused(
        &text(
            "(module (memory (export \"memory\") 1) (func $s) (start $s) (func (export \"_start\")))",
        ),
        "start function",
    );
    let mut large = echo();
    // A section of a kind that nobody reads.
    let len = u32::try_from(MAX_BYTES).unwrap();
    large.push(0);
    let mut rest = len;
    while rest >= 0x80 {
        large.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    large.push(rest as u8);
    large.extend(std::iter::repeat_n(0, MAX_BYTES));
    refused(&large, "it may have 2097152");
    assert_eq!(check(&echo()), Ok(()));
}

#[test]
fn what_is_not_there_answers_so() {
    let names = "args_get environ_get fd_close fd_seek fd_fdstat_get fd_prestat_get proc_exit random_get \
                 clock_time_get clock_res_get args_sizes_get environ_sizes_get fd_read fd_write sched_yield poll_oneoff";
    let odd = "(import \"wasi_snapshot_preview1\" \"path_open\"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))";
    let imports: Vec<String> = names.split_whitespace().map(import).collect();
    let text = format!(
        "(module {} {odd} (memory (export \"memory\") 1) (func (export \"_start\")
            (if (i32.ne (i32.const 8) (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0))) (then unreachable))
            (if (i32.ne (i32.const 8) (call $fd_prestat_get (i32.const 3) (i32.const 0))) (then unreachable))
            (if (i32.ne (i32.const 70) (call $fd_seek (i32.const 1) (i64.const 0) (i32.const 0) (i32.const 0))) (then unreachable))
            (if (i32.ne (i32.const 58) (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))) (then unreachable))
            (if (i32.ne (i32.const 0) (call $sched_yield)) (then unreachable))
            (if (i32.ne (i32.const 0) (call $fd_close (i32.const 1))) (then unreachable))
            (if (i32.ne (i32.const 8) (call $fd_close (i32.const 4))) (then unreachable))
            (if (i32.ne (i32.const 28) (call $clock_res_get (i32.const 9) (i32.const 0))) (then unreachable))
            (call $proc_exit (i32.const 0))))",
        imports.join(" ")
    );
    let bytes = wat::parse_str(&text).unwrap();
    assert_eq!(check(&bytes), Ok(()));
    let silent = Failure::Silent {
        stderr: String::new(),
    };
    assert_eq!(fails(&bytes), silent, "it got to its end");
}

#[test]
fn what_ends_a_program_is_told() {
    let exits = |code: i32| format!("(call $proc_exit (i32.const {code}))");
    assert_eq!(ran(&saying(1, "3", &exits(0)), &Value::Null).output, 3);
    let failed = fails(&saying(2, "no such order\n", &exits(3)));
    assert_eq!(
        failed.to_string(),
        "exited with code 3; it said: no such order"
    );
    let failed = fails(&saying(2, "panicked\n", "unreachable"));
    assert!(failed.to_string().contains("unreachable"), "{failed}");
    assert!(
        failed.to_string().ends_with("; it said: panicked"),
        "{failed}"
    );
    trapped(
        &doing("", "(drop (i32.load (i32.const 65536)))"),
        "out of bounds",
    );
    trapped(
        &doing("", "(drop (i32.div_u (i32.const 1) (i32.const 0)))"),
        "divi",
    );
    let silent = fails(&saying(2, "done", ""));
    assert_eq!(
        silent.to_string(),
        "wrote nothing to its standard output; it said: done"
    );
    let text = fails(&saying(1, "{\"a\": 1,\n oops}", ""));
    assert!(text.to_string().contains("line 2"), "{text}");
    let two = fails(&saying(1, "1 2", ""));
    assert!(matches!(two, Failure::NotJson(_)), "{two:?}");
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    ran(&saying(1, &deep(64), ""), &Value::Null);
    assert_eq!(fails(&saying(1, &deep(65), "")), Failure::TooDeep(64));
    let deeper = fails(&saying(1, &deep(5_000), ""));
    assert!(matches!(deeper, Failure::NotJson(_)), "{deeper:?}");
}

#[test]
fn what_it_may_spend_is_bounded() {
    let forever = doing("", "(loop $l (br $l))");
    assert_eq!(fails(&forever), Failure::OutOfFuel(Limits::default().fuel));
    let grows = "(loop $l (drop (memory.grow (i32.const 16))) (br $l))";
    assert_eq!(
        fails(&doing("", grows)),
        Failure::OutOfMemory(Limits::default().memory)
    );
    let born_large = program("", 1025, "(func (export \"_start\"))");
    assert_eq!(
        fails(&born_large),
        Failure::OutOfMemory(Limits::default().memory)
    );
    let deep = program("", 1, "(func $f (export \"_start\") (call $f) (call $f))");
    trapped(&deep, "stack");
    let tables = program(
        "",
        1,
        "(table $t 1 funcref) (func (export \"_start\")
            (drop (table.grow $t (ref.null func) (i32.const 200000))))",
    );
    assert!(matches!(fails(&tables), Failure::OutOfMemory(_)));
    for many in [
        "(table 1 funcref) ".repeat(8),
        "(table 200000 funcref)".to_owned(),
    ] {
        let failed = fails(&program(
            "",
            1,
            &format!("{many} (func (export \"_start\"))"),
        ));
        assert!(
            matches!(failed, Failure::OutOfMemory(_) | Failure::Trapped { .. }),
            "{failed:?}"
        );
    }
    // Filling memory costs by the byte.
    let fills = program(
        "",
        512,
        "(func (export \"_start\")
            (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 33554432)) (br $l)))",
    );
    assert!(matches!(fails(&fills), Failure::OutOfFuel(_)));
}

#[test]
fn what_it_says_is_bounded() {
    let talks = |fd: i32| {
        let body = format!(
            "{WRITE} (func (export \"_start\") (local $n i32)
                (memory.fill (i32.const 1024) (i32.const 32) (i32.const 60000))
                (loop $l
                    (call $write (i32.const {fd}) (i32.const 60000))
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (br_if $l (i32.lt_u (local.get $n) (i32.const 100)))))"
        );
        program("fd_write", 1, &body)
    };
    assert_eq!(fails(&talks(1)), Failure::TooMuchOutput(1 << 20));
    let Failure::Silent { stderr } = fails(&talks(2)) else {
        panic!("it says nothing but errors");
    };
    assert_eq!(stderr.len(), Limits::default().stderr);
}

#[test]
fn functions_of_the_sandbox_cost_what_they_take() {
    let limits = Limits {
        fuel: 5_000_000,
        ..Limits::default()
    };
    let spends = |bytes: &[u8]| {
        let failure = run(bytes, &Value::Null, World::default(), limits).unwrap_err();
        assert_eq!(failure, Failure::OutOfFuel(limits.fuel));
    };
    // Without a price these few instructions would keep the processor for hours.
    let random = program(
        "random_get",
        512,
        "(func (export \"_start\")
            (loop $l (drop (call $random_get (i32.const 0) (i32.const 33554432))) (br $l)))",
    );
    spends(&random);
    let lists = program(
        "fd_write",
        512,
        "(func (export \"_start\")
            (loop $l (drop (call $fd_write (i32.const 2) (i32.const 16) (i32.const 4000000) (i32.const 8))) (br $l)))",
    );
    spends(&lists);
}

#[test]
fn addresses_that_are_none_are_answered() {
    let fault = |imports: &str, call: &str| {
        let body = format!("(if (i32.ne (i32.const 21) {call}) (then unreachable))");
        let silent = Failure::Silent {
            stderr: String::new(),
        };
        assert_eq!(fails(&doing(imports, &body)), silent, "{call}");
    };
    for at in ["65533", "65536", "-1", "-4", "2147483647"] {
        for call in [
            format!("(call $fd_write (i32.const 1) (i32.const {at}) (i32.const 1) (i32.const 8))"),
            format!("(call $fd_write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const {at}))"),
            format!("(call $fd_read (i32.const 0) (i32.const {at}) (i32.const 1) (i32.const 8))"),
            format!("(call $fd_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const {at}))"),
            format!("(call $random_get (i32.const {at}) (i32.const 16))"),
            format!("(call $random_get (i32.const 16) (i32.const {at}))"),
            format!("(call $clock_time_get (i32.const 0) (i64.const 0) (i32.const {at}))"),
            format!("(call $clock_res_get (i32.const 0) (i32.const {at}))"),
            format!("(call $args_sizes_get (i32.const 0) (i32.const {at}))"),
            format!("(call $environ_sizes_get (i32.const {at}) (i32.const 0))"),
            format!("(call $fd_fdstat_get (i32.const 1) (i32.const {at}))"),
        ] {
            // A length that fits is no address that does not.
            if call.contains("$random_get (i32.const 16)") && at == "65533" {
                continue;
            }
            let name = call.split(['$', ' ']).nth(2).unwrap();
            fault(name, &call);
        }
    }
    // A list that is in the memory, of buffers that are not.
    for function in ["fd_write (i32.const 1)", "fd_read (i32.const 0)"] {
        let name = function.split(' ').next().unwrap();
        let lists = format!(
            "(i32.store (i32.const 32) (i32.const 65000)) (i32.store (i32.const 36) (i32.const 1000))
             (if (i32.ne (i32.const 21) (call ${function} (i32.const 32) (i32.const 1) (i32.const 8))) (then unreachable))
             (i32.store (i32.const 32) (i32.const -8)) (i32.store (i32.const 36) (i32.const -1))
             (if (i32.ne (i32.const 21) (call ${function} (i32.const 32) (i32.const 1) (i32.const 8))) (then unreachable))
             (if (i32.ne (i32.const 21) (call ${function} (i32.const 32) (i32.const -1) (i32.const 8))) (then unreachable))"
        );
        let failed = fails(&doing(name, &lists));
        assert!(matches!(failed, Failure::Silent { .. }), "{failed:?}");
    }
    // Streams that are none.
    for (name, call) in [
        (
            "fd_write",
            "(call $fd_write (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))",
        ),
        (
            "fd_read",
            "(call $fd_read (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))",
        ),
        (
            "fd_fdstat_get",
            "(call $fd_fdstat_get (i32.const 3) (i32.const 8))",
        ),
    ] {
        let body = format!("(if (i32.ne (i32.const 8) {call}) (then unreachable))");
        assert!(matches!(fails(&doing(name, &body)), Failure::Silent { .. }));
    }
}

#[test]
fn it_is_the_same_each_time() {
    let random = number(
        "random_get",
        "(drop (call $random_get (i32.const 16) (i32.const 7)))",
    );
    let of = |seed: u64| {
        let world = World {
            seed,
            ..World::default()
        };
        run(&random, &Value::Null, world, Limits::default()).unwrap()
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).output, of(2).output);
    let clock = number(
        "clock_time_get",
        "(drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 16)))",
    );
    assert_eq!(
        ran(&clock, &Value::Null).output,
        json!(946_684_800_000_000_000_u64)
    );
    // What is not a number is the same as well: 0/0, its bits.
    let nan = number(
        "",
        "(f64.store (i32.const 16) (f64.div (f64.const 0) (f64.const 0)))",
    );
    assert_eq!(
        ran(&nan, &Value::Null).output,
        json!(0x7ff8_0000_0000_0000_u64)
    );
}

#[test]
fn a_run_in_pieces_is_the_same_run() {
    let body = format!(
        "{WRITE} (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
         (func (export \"_start\") (local $n i32)
            (loop $l
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (drop (call $twice (local.get $n)))
                (br_if $l (i32.lt_u (local.get $n) (i32.const 1000))))
            (drop (call $random_get (i32.const 2048) (i32.const 20000)))
            (memory.fill (i32.const 1024) (i32.const 55) (i32.const 3))
            (call $write (i32.const 1) (i32.const 3)))"
    );
    let bytes = program("fd_write random_get", 1, &body);
    let whole = ran(&bytes, &Value::Null);
    assert_eq!(whole.output, 777);
    for piece in [1, 7, 100, 1_000_000] {
        let (mut pieces, limits) = (0, Limits::default());
        let mut execution =
            Box::new(Execution::new(&bytes, &Value::Null, World::default(), limits).unwrap());
        let ended = loop {
            pieces += 1;
            match execution.step(piece) {
                Progress::More(more) => execution = more,
                Progress::Ended(ended) => break ended.unwrap(),
            }
        };
        assert_eq!(ended, whole, "in pieces of {piece}");
        assert!(pieces > 1 || piece > 10_000, "{pieces}");
    }
    // Exactly enough is enough; less is not.
    let with = |fuel: u64| {
        let limits = Limits {
            fuel,
            ..Limits::default()
        };
        run(&bytes, &Value::Null, World::default(), limits)
    };
    assert_eq!(with(whole.fuel).unwrap().output, 777);
    assert_eq!(
        with(whole.fuel - 1),
        Err(Failure::OutOfFuel(whole.fuel - 1))
    );
    assert_eq!(with(0), Err(Failure::OutOfFuel(0)));
}
