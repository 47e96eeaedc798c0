//! Takes the white space out of the API's description, which is half of it: every instance carries what is left.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let file = "../../docs/openapi.json";
    println!("cargo::rerun-if-changed={file}");
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(
        Path::new(&out).join("openapi.json"),
        minified(&fs::read(file)?),
    )
}

/// JSON without white space between its tokens.
fn minified(json: &[u8]) -> Vec<u8> {
    let (mut within, mut escaped) = (false, false);
    let keep = |b: &&u8| {
        let keep = within || !b.is_ascii_whitespace();
        match **b {
            _ if escaped => escaped = false,
            b'\\' => escaped = within,
            b'"' => within = !within,
            _ => {}
        }
        keep
    };
    json.iter().filter(keep).copied().collect()
}
