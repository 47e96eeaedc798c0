//! Makes a table of the web app's files, so that they are part of the component.
//!
//! `npm run build` in `studio/` writes them. Without it there is a page that says so, and plain `cargo check` works on a
//! clean clone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = here.join("../../studio/dist");
    println!("cargo::rerun-if-changed=build.rs");
    // A folder that is not there yet counts as changed each time; its parent always is there.
    println!(
        "cargo::rerun-if-changed={}",
        if dist.is_dir() { &dist } else { &here }.display()
    );
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in &files {
        if name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        let also = |extension: &str| {
            let compressed = path.with_file_name(format!("{}.{extension}", file_name(path)));
            if compressed.is_file() {
                format!("Some(include_bytes!({compressed:?}))")
            } else {
                "None".to_owned()
            }
        };
        let _ = writeln!(
            table,
            "    File {{ name: {name:?}, plain: include_bytes!({path:?}), brotli: {}, gzip: {} }},",
            also("br"),
            also("gz")
        );
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("files.rs"), table)
}

/// Names, with `/` between folders, and absolute paths.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // What the bundler tells itself about the build is nobody else's.
        if file_name(&path).starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            let name: Vec<_> = name
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            files.push((name.join("/"), path.canonicalize()?));
        }
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
