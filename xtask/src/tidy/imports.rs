//! Every component asks only for interfaces that Spin has, so that the same bytes run on Spin and on the embedded engine.

use std::collections::BTreeSet;
use std::env;
use std::fs;

use wasmparser::{Encoding, Parser, Payload};

use super::interfaces::{is_http_handler, is_offered};
use super::pass;
use crate::workspace;

/// What the outermost component imports and exports; whatever lies inside it is its own affair.
#[derive(Default)]
struct Surface {
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
}

fn surface(bytes: &[u8]) -> Result<Surface, String> {
    let mut surface = Surface::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| error.to_string())? {
            Payload::Version { encoding, .. } => {
                if depth == 0 && encoding != Encoding::Component {
                    return Err("a core module, not a component".into());
                }
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    surface.imports.insert(
                        import
                            .map_err(|error| error.to_string())?
                            .name
                            .name
                            .to_owned(),
                    );
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    surface.exports.insert(
                        export
                            .map_err(|error| error.to_string())?
                            .name
                            .name
                            .to_owned(),
                    );
                }
            }
            _ => {}
        }
    }
    Ok(surface)
}

fn check(id: &str, bytes: &[u8]) -> Vec<String> {
    let surface = match surface(bytes) {
        Ok(surface) => surface,
        Err(why) => return vec![format!("{id}: {why}")],
    };
    println!(
        "{id}: {}",
        surface
            .imports
            .iter()
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    );
    let mut problems: Vec<String> = surface
        .imports
        .iter()
        .filter(|import| !is_offered(import))
        .map(|import| format!("{id}: imports {import}, which Spin does not offer"))
        .collect();
    if !surface.exports.iter().any(|export| is_http_handler(export)) {
        problems.push(format!("{id}: exports no HTTP handler"));
    }
    problems
}

#[test]
fn tidy_spin_imports() {
    let root = workspace::root();
    let sources = workspace::spin_sources(&root)
        .unwrap()
        .expect("there is a spin.toml");
    let built = env::var_os("ASSAY_BUILT").is_some();
    let mut problems = Vec::new();
    for (id, source) in &sources {
        match fs::read(root.join(source)) {
            Ok(bytes) => problems.extend(check(id, &bytes)),
            Err(_) if built => problems.push(format!("{id}: {source} is not built")),
            Err(_) => println!("SKIPPED: {id} is not built (`cargo xtask build`)"),
        }
    }
    pass(&problems);
}

#[test]
fn other_imports_are_refused() {
    let component = |parts: &[&[u8]]| [b"\0asm\x0d\0\x01\0".as_slice(), &parts.concat()].concat();
    // One instance type, then an import and an export of it.
    let types: &[u8] = b"\x07\x03\x01\x42\0";
    let import = |name: &str| {
        let body = [&[1_u8, 0, name.len() as u8], name.as_bytes(), &[5, 0]].concat();
        [&[10, body.len() as u8], body.as_slice()].concat()
    };
    let export = |name: &str| {
        let body = [&[1_u8, 0, name.len() as u8], name.as_bytes(), &[5, 0, 0]].concat();
        [&[11, body.len() as u8], body.as_slice()].concat()
    };
    let good = component(&[
        types,
        &import("spin:variables/variables@3.0.0"),
        &export("wasi:http/handler@0.3.0"),
    ]);
    assert_eq!(check("good", &good), [""; 0]);
    let unknown = component(&[
        types,
        &import("wasi:nn/tensor@0.2.0"),
        &export("wasi:http/handler@0.3.0"),
    ]);
    assert_eq!(check("unknown", &unknown).len(), 1);
    let mute = component(&[types, &import("spin:variables/variables@3.0.0")]);
    assert_eq!(check("mute", &mute), ["mute: exports no HTTP handler"]);
    assert_eq!(
        check("module", b"\0asm\x01\0\0\0"),
        ["module: a core module, not a component"]
    );
    assert_eq!(check("cut", b"\0as").len(), 1);
}
