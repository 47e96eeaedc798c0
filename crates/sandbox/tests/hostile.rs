//! Bytes of anybody: whatever they are, they are refused or run to an end within their bounds.

#![allow(clippy::unwrap_used, reason = "test code")]

use assay_sandbox::{Limits, World, check, run};
use proptest::prelude::*;
use serde_json::json;

/// A program that uses much of what there is: memory, tables, globals, branches, all functions that take addresses.
fn seed() -> Vec<u8> {
    wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 2 4)
            (table $t 4 8 funcref)
            (elem (i32.const 0) $one $two)
            (global $g (mut i32) (i32.const 7))
            (data (i32.const 1024) "[1, 2, 3]")
            (func $one (result i32) (global.get $g))
            (func $two (result i32) (i32.const 2))
            (func $sum (param $n i32) (result i32)
                (if (result i32) (i32.eqz (local.get $n))
                    (then (i32.const 0))
                    (else (i32.add (local.get $n) (call $sum (i32.sub (local.get $n) (i32.const 1)))))))
            (func (export "_start") (local $x i32) (local $f f64)
                (i32.store (i32.const 0) (i32.const 2048))
                (i32.store (i32.const 4) (i32.const 4096))
                (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (drop (call $random_get (i32.const 16) (i32.const 64)))
                (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 80)))
                (local.set $x (call_indirect (result i32) (i32.const 1)))
                (global.set $g (call $sum (i32.const 20)))
                (local.set $f (f64.sqrt (f64.convert_i32_s (global.get $g))))
                (memory.copy (i32.const 3000) (i32.const 1024) (i32.const 9))
                (drop (memory.grow (i32.const 1)))
                (block $out (loop $l
                    (br_table $out $l (i32.gt_u (local.get $x) (i32.const 100)))))
                (i32.store (i32.const 0) (i32.const 3000))
                (i32.store (i32.const 4) (i32.const 9))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $proc_exit (i32.const 0))))"#,
    )
    .unwrap()
}

fn survive(bytes: &[u8]) {
    let checked = check(bytes);
    let limits = Limits {
        fuel: 200_000,
        memory: 4 << 20,
        output: 1 << 16,
        stderr: 1 << 10,
    };
    let ran = run(bytes, &json!({"a": 1}), World::default(), limits);
    if checked.is_err() {
        assert!(ran.is_err());
    }
    if let Ok(ran) = ran {
        assert!(ran.fuel <= limits.fuel);
    }
}

#[test]
fn a_code_section_of_no_functions_is_refused() {
    // The interpreter by itself divides by their number.
    let mut bytes = b"\0asm\x01\0\0\0\x0a\xd1\x0f\0".to_vec();
    bytes.extend([0; 2_000]);
    survive(&bytes);
    assert!(check(&bytes).is_err());
}

#[test]
fn the_seed_itself_runs() {
    let ran = run(&seed(), &json!(null), World::default(), Limits::default()).unwrap();
    assert_eq!(ran.output, json!([1, 2, 3]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_end(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = seed();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        survive(&bytes);
    }

    #[test]
    fn moved_bytes_end(
        from in any::<prop::sample::Index>(),
        len in 1_usize..40,
        to in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = seed();
        let from = from.index(bytes.len());
        let piece: Vec<u8> = bytes.iter().skip(from).take(len).copied().collect();
        if cut {
            bytes.drain(from..from + piece.len());
        }
        let to = to.index(bytes.len() + 1);
        bytes.splice(to..to, piece);
        survive(&bytes);
    }

    #[test]
    fn any_bytes_end(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
        bytes.splice(0..0, *b"\0asm\x01\0\0\0");
        survive(&bytes);
    }
}
