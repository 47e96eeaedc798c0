//! Starts that must fail: one clear line and exit code 2, never a stack trace.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Stores, repository};
use std::path::Path;

#[track_caller]
fn check(builder: assay_tests::AppBuilder, says: &[&str]) {
    let (code, said) = builder.start_refused();
    assert_eq!(code, 2, "{said}");
    let lines: Vec<_> = said.lines().filter(|l| !l.trim().is_empty()).collect();
    let last = lines.last().copied().unwrap_or_default();
    for word in says {
        assert!(
            last.to_lowercase().contains(&word.to_lowercase()),
            "`{word}` is not in: {said}"
        );
    }
    assert!(
        !said.contains("panicked") && !said.contains("stack backtrace"),
        "{said}"
    );
    let errors = lines
        .iter()
        .filter(|l| l.to_lowercase().contains("error"))
        .count();
    assert!(errors <= 1, "more than one line of errors:\n{said}");
}

fn manifest(dir: &Path, edit: impl Fn(String) -> String) -> String {
    let text = std::fs::read_to_string(repository().join("spin.toml")).expect("read spin.toml");
    let text = text.replace(
        "source = \"target/",
        &format!("source = \"{}/target/", repository().display()),
    );
    let path = dir.join("spin.toml");
    std::fs::write(&path, edit(text)).expect("write");
    path.display().to_string()
}

#[test]
fn malformed_and_wrong_manifests() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let up = |path: &str| {
        App::at(&data, &Stores::embedded())
            .arg("--manifest")
            .arg(path)
    };
    check(
        up(&manifest(dir.path(), |_| {
            "spin_manifest_version = 2\n[[[".into()
        })),
        &["spin.toml"],
    );
    check(
        up(&manifest(dir.path(), |t| {
            t.replace("spin_manifest_version = 2", "spin_manifest_version = 1")
        })),
        &["version"],
    );
    check(
        up(&manifest(dir.path(), |t| {
            t.replace("assay_identity.wasm", "no_such.wasm")
        })),
        &["no_such.wasm"],
    );
    check(
        up(&manifest(dir.path(), |t| {
            t.replace("component = \"identity\"", "component = \"nobody\"")
        })),
        &["nobody"],
    );
    check(
        up(&manifest(dir.path(), |t| {
            t.replace("{{ database_url }}", "{{ no_such_variable }}")
        })),
        &["no_such_variable"],
    );
    check(
        up(&dir.path().join("absent.toml").display().to_string()),
        &["absent.toml"],
    );
}

#[test]
fn a_component_that_is_not_wasm() {
    let dir = tempfile::tempdir().expect("a folder");
    let broken = dir.path().join("broken.wasm");
    std::fs::write(&broken, b"not wasm at all").expect("write");
    let source = format!(
        "source = \"{}/target/wasm32-wasip2/component/assay_identity.wasm\"",
        repository().display()
    );
    let path = manifest(dir.path(), |t| {
        t.replace(&source, &format!("source = \"{}\"", broken.display()))
    });
    check(
        App::at(&dir.path().join("data"), &Stores::embedded())
            .arg("--manifest")
            .arg(&path),
        &["identity"],
    );
}

#[test]
fn a_port_in_use() {
    let dir = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = std::process::Command::new(assay_tests::assay_bin())
        .current_dir(repository())
        .args(["up", "--listen", &address, "--data-dir"])
        .arg(dir.path())
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&address), "{said}");
}

#[test]
fn a_data_folder_that_cannot_be_written() {
    // Even root cannot write below a file, or in /proc.
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "x").expect("write");
    let output = std::process::Command::new(assay_tests::assay_bin())
        .current_dir(repository())
        .args(["up", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(file.join("data"))
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(
        said.lines().filter(|l| !l.trim().is_empty()).count(),
        1,
        "{said}"
    );
}

#[test]
fn a_data_folder_in_use() {
    let dir = tempfile::tempdir().expect("a folder");
    let _first = App::at(dir.path(), &Stores::embedded()).start();
    check(App::at(dir.path(), &Stores::embedded()), &["use"]);
}

#[test]
fn the_wrong_encryption_key() {
    let dir = tempfile::tempdir().expect("a folder");
    let key = |b: u8| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode([b; 32])
    };
    let up = |k: &str| App::at(dir.path(), &Stores::embedded()).env("ASSAY_ENCRYPTION_KEY", k);
    let mut app = up(&key(1)).start();
    assert_eq!(app.terminate(), 0);
    check(up(&key(2)), &["encryption key"]);
    check(up("not base64"), &["encryption_key"]);
    // A rotation: the new key first, the old one still opens.
    let mut app = up(&format!("{},{}", key(2), key(1))).start();
    assert_eq!(app.terminate(), 0);
}

#[test]
fn a_corrupt_cache_of_compiled_code_is_compiled_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let cache = dir.path().join("aot").display().to_string();
    let up = || App::at(dir.path(), &Stores::embedded()).env("ASSAY_CACHE_DIR", &cache);
    let mut app = up().start();
    assert_eq!(app.terminate(), 0);
    let mut spoilt = 0;
    let mut folders = vec![dir.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("read").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|e| e == "cwasm") {
                let mut bytes = std::fs::read(entry.path()).expect("read");
                let middle = bytes.len() / 2;
                bytes.truncate(middle);
                std::fs::write(entry.path(), bytes).expect("write");
                spoilt += 1;
            }
        }
    }
    assert!(spoilt > 0, "no compiled code below the data folder");
    let app = up().start();
    let _ = app.client().get("/api/v1/me").expect(200);
}

#[test]
fn half_an_init_names_what_is_missing() {
    let dir = tempfile::tempdir().expect("a folder");
    check(
        App::at(dir.path(), &Stores::embedded()).env("ASSAY_INIT_SECRET_KEY", ""),
        &["ASSAY_INIT_SECRET_KEY"],
    );
}

/// Another program that holds the database, e.g. a backup: the start waits, then says so.
#[test]
fn a_locked_database() {
    use std::io::Read;
    let dir = tempfile::tempdir().expect("a folder");
    let mut app = App::at(dir.path(), &Stores::embedded()).start();
    assert_eq!(app.terminate(), 0);
    let script = "import sqlite3, sys\n\
                  db = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
                  db.execute('PRAGMA locking_mode=EXCLUSIVE'); db.execute('BEGIN EXCLUSIVE')\n\
                  print('locked', flush=True); sys.stdin.read()";
    let holder = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(dir.path().join("sqlite_db.db"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn();
    let Ok(mut holder) = holder else {
        eprintln!("SKIPPED: python3 is not installed");
        return;
    };
    let mut said = [0; 6];
    holder
        .stdout
        .as_mut()
        .expect("stdout")
        .read_exact(&mut said)
        .expect("the lock is held");
    check(App::at(dir.path(), &Stores::embedded()), &["locked"]);
    drop(holder.stdin.take());
    holder.wait().expect("wait");
    let mut app = App::at(dir.path(), &Stores::embedded()).start();
    assert_eq!(app.terminate(), 0);
}
