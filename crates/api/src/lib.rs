//! The contract of the HTTP API: every operation with its types, bounds, examples and errors, as OpenAPI 3.1.
//!
//! [`operations`] has one file a component, in the order of its route table. `cargo xtask openapi` writes [`text`] to
//! `docs/openapi.json`, which the product serves. Three tests keep it true: one here makes the file anew, one beside each
//! route table compares routes with operations (`assay_edge::contract!`), and one asks the running product.

mod access;
mod compared;
mod composed;
mod document;
#[expect(dead_code, reason = "only the schemas of these types are used")]
mod evaluated;
mod examples;
mod operation;
mod operations;
mod problems;
mod schemas;
#[cfg(test)]
mod tests;
#[expect(dead_code, reason = "only the schemas of these types are used")]
mod types;

pub use access::access_matrix;
pub use document::{document, text};
