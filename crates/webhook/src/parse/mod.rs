//! Bodies of hooks into events.

mod generic;
mod github;
mod gitlab;

use crate::event::{Event, Provider};
use crate::filter::Ignored;
use crate::hash::sha256;
use crate::refs::{self, Ref};
use crate::verify::{self, VerifyError};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// The longest delivery id, in bytes.
const MAX_DELIVERY_ID: usize = 200;
/// The longest name of a branch, a tag or a repository, in bytes.
const MAX_NAME: usize = 1024;
/// The longest title, in characters; more is cut off.
const MAX_TITLE: usize = 300;
/// The most changed files that are kept. Of more than that none are: a part would be taken for all.
const MAX_FILES: usize = 5000;

/// What a body says.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// Something happened that an evaluation may follow from.
    Event(Box<Event>),
    /// The provider tries the hook out.
    Ping {
        /// The delivery's id.
        delivery_id: String,
    },
    /// Something happened that no evaluation follows from, whatever the filter.
    Ignored {
        /// The delivery's id.
        delivery_id: String,
        /// Why not.
        why: Ignored,
    },
}

/// Why a body is not what its headers say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A header is missing or cannot be read.
    #[error(transparent)]
    Header(#[from] VerifyError),
    /// The body is not JSON, or not of the form that the provider documents.
    #[error("the body {0}")]
    Body(String),
    /// A field of the body has a value that it cannot have.
    #[error("`{field}` {why}")]
    Field {
        /// JSON pointer to the field.
        field: &'static str,
        /// What is wrong.
        why: &'static str,
    },
}

/// What a verified request says.
///
/// # Errors
/// [`ParseError`] when it is not what its headers say.
pub fn parse(provider: Provider, headers: &HeaderMap, body: &[u8]) -> Result<Parsed, ParseError> {
    let parsed = match provider {
        Provider::Generic => generic::parse(headers, body),
        Provider::Github => github::parse(headers, body),
        Provider::Gitlab => gitlab::parse(headers, body),
    }?;
    Ok(match parsed {
        Parsed::Event(mut event) => {
            event.body_sha256 = sha256(body);
            Parsed::Event(event)
        }
        other => other,
    })
}

/// The header, when it is there.
fn optional<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, ParseError> {
    match verify::header(headers, name) {
        Ok(value) => Ok(Some(value)),
        Err(VerifyError::Missing(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// A delivery id that can be a key: printable and short.
fn delivery_id(header: &'static str, value: &str) -> Result<String, ParseError> {
    let plain = value.bytes().all(|b| b.is_ascii_graphic());
    if value.is_empty() || value.len() > MAX_DELIVERY_ID || !plain {
        return Err(VerifyError::Malformed {
            header,
            why: "must be 1 to 200 printable characters",
        }
        .into());
    }
    Ok(value.to_owned())
}

/// The JSON of a body, also when it is a form's field `payload`, as GitHub sends it when nobody chose otherwise.
fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, ParseError> {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let read = if form {
        let (_, payload) = url::form_urlencoded::parse(body)
            .find(|(name, _)| name == "payload")
            .ok_or_else(|| ParseError::Body("is a form without the field `payload`".to_owned()))?;
        serde_json::from_str(&payload)
    } else {
        serde_json::from_slice(body)
    };
    read.map_err(|error| ParseError::Body(format!("cannot be read: {}", short(&error.to_string()))))
}

fn short(text: &str) -> String {
    text.chars().take(MAX_TITLE).collect()
}

/// The first line, cut.
fn title(text: &str) -> Option<String> {
    let line = text.lines().next().unwrap_or_default().trim();
    (!line.is_empty()).then(|| short(line))
}

fn name(field: &'static str, text: String) -> Result<String, ParseError> {
    if text.len() > MAX_NAME || text.chars().any(char::is_control) {
        return Err(ParseError::Field {
            field,
            why: "is too long, or has control characters",
        });
    }
    Ok(text)
}

/// A commit, or none for the zeros that stand for one.
fn commit(field: &'static str, sha: Option<String>) -> Result<Option<String>, ParseError> {
    match sha {
        Some(sha) if refs::is_none(&sha) => Ok(None),
        Some(sha) if refs::is_commit(&sha) => Ok(Some(sha)),
        Some(_) => Err(ParseError::Field {
            field,
            why: "must be a commit's id",
        }),
        None => Ok(None),
    }
}

/// Writes the branch or the tag that was pushed into the event.
fn pushed(event: &mut Event, field: &'static str, written: &str) -> Result<(), ParseError> {
    match refs::read(written) {
        Some(Ref::Branch(branch)) => event.branch = Some(name(field, branch.to_owned())?),
        Some(Ref::Tag(tag)) => {
            event.tag = Some(name(field, tag.to_owned())?);
            if event.kind == crate::event::EventKind::Push {
                event.kind = crate::event::EventKind::Tag;
            }
        }
        None => {
            return Err(ParseError::Field {
                field,
                why: "must name a branch or a tag",
            });
        }
    }
    Ok(())
}

/// One commit of a push, as both GitHub and GitLab have it.
#[derive(serde::Deserialize)]
struct Commit {
    #[serde(default)]
    id: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    added: Vec<String>,
    #[serde(default)]
    modified: Vec<String>,
    #[serde(default)]
    removed: Vec<String>,
}

/// The paths in all commits, once each. None without commits, as when a branch is made of commits that are there: what has
/// changed then depends on what one compares it with.
fn changed_files(commits: &[Commit]) -> Option<Vec<String>> {
    if commits.is_empty() {
        return None;
    }
    let paths: BTreeSet<&String> = commits
        .iter()
        .flat_map(|c| c.added.iter().chain(&c.modified).chain(&c.removed))
        .collect();
    (paths.len() <= MAX_FILES).then(|| paths.into_iter().cloned().collect())
}
