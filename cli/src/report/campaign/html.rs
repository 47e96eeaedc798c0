//! HTML: one file that needs nothing else, for reading and for printing.
//!
//! The template escapes all that is put into it, and a policy in its head forbids every request and every script but its own: what
//! an agent said stays text, whatever it said.

use super::select::Shown;
use super::summary::Summary;
use super::view::view;
use super::{Compared, Head};
use anyhow::{Context, Result};
use assay_model::Message;
use base64::{Engine, engine::general_purpose::STANDARD};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The conversations that are shown, by the run's id.
pub(crate) type Conversations = HashMap<String, Vec<Message>>;

/// All that a document for people is made of.
pub(crate) struct Parts<'a> {
    pub(crate) head: &'a Head,
    pub(crate) summary: &'a Summary,
    pub(crate) compared: Option<&'a Compared>,
    pub(crate) shown: &'a Shown,
    pub(crate) conversations: &'a Conversations,
    /// When it is made, RFC 3339.
    pub(crate) generated_at: &'a str,
}

/// The document.
///
/// # Errors
/// When there is a fault in the template.
pub(crate) fn render(parts: &Parts<'_>) -> Result<String> {
    let mut environment = Environment::new();
    // A field that is not there is a fault; `a if b` without an else is nothing.
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let mut syntax = environment.syntax().to_builder();
    let syntax = syntax.trim_blocks(true).lstrip_blocks(true).build()?;
    environment.set_syntax(syntax);
    // Its name is what has values escaped.
    environment.add_template("report.html", TEMPLATE)?;
    let page = environment.get_template("report.html")?.render(context! {
        report => minijinja::Value::from(Serde(view(parts))),
        style => minijinja::Value::from_safe_string(STYLE.to_owned()),
        script => minijinja::Value::from_safe_string(SCRIPT.to_owned()),
        style_hash => minijinja::Value::from_safe_string(hash(STYLE)),
        script_hash => minijinja::Value::from_safe_string(hash(SCRIPT)),
    });
    page.context("the report's template")
}

/// As a content security policy names what is in a page.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
