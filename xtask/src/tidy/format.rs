//! Every Rust file is formatted.

use std::process::Command;

use crate::shell::{capture, cargo};

#[test]
fn tidy_rust_is_formatted() {
    if let Err(error) = capture(cargo().args(["fmt", "--all", "--check"])) {
        let output = cargo().args(["fmt", "--all", "--check"]).output().unwrap();
        let diff = String::from_utf8_lossy(&output.stdout);
        let head: Vec<&str> = diff.lines().take(40).collect();
        panic!("run `cargo xtask fmt`: {error:#}\n{}", head.join("\n"));
    }
}

#[test]
fn an_unformatted_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.rs");
    std::fs::write(&file, "fn  main( ) { }\n").unwrap();
    let check = |path: &std::path::Path| {
        capture(
            Command::new("rustfmt")
                .args(["--check", "--edition", "2024"])
                .arg(path),
        )
    };
    assert!(check(&file).is_err());
    std::fs::write(&file, "fn main() {}\n").unwrap();
    assert!(check(&file).is_ok());
}
