//! What the tests share: reading recorded bodies.

use serde_json::Value;
use std::path::PathBuf;

/// A recorded body.
pub fn read(name: &str) -> Value {
    let folder = std::env::var_os("ASSAY_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors")),
        PathBuf::from,
    );
    let path = folder.join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}
