//! Ids: made in the logic layer, written as given by the stores.

use crate::problem::Problem;
use uuid::Uuid;

/// A fresh UUIDv7: sorts by time, so that newest-first lists need no second index.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// The same id for the same parts, always: what a step writes twice after a crash is written once in effect.
#[must_use]
pub fn derived_id(namespace: &str, parts: &[&str]) -> String {
    // NAMESPACE_OID is only a starting point; the namespace text is what keeps kinds of ids apart.
    let root = Uuid::new_v5(&Uuid::NAMESPACE_OID, namespace.as_bytes());
    Uuid::new_v5(&root, parts.join("\u{1f}").as_bytes()).to_string()
}

/// Bytes from the engine's cryptographic generator.
///
/// # Errors
/// When the engine has none to give.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| Problem::internal(format!("no randomness: {e}")))?;
    Ok(bytes)
}
