//! Anybody's hook: a JSON object of the sender's own, of which a few fields are known.

use super::{ParseError, Parsed, commit, delivery_id, json, name, pushed, title};
use crate::event::{Event, EventKind, Provider, Repository};
use crate::hash::sha256;
use http::HeaderMap;
use serde_json::Value;

const DELIVERY: &str = "assay-delivery";

pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Parsed, ParseError> {
    let payload: Value = json(headers, body)?;
    if !payload.is_object() {
        return Err(ParseError::Body("must be a JSON object".to_owned()));
    }
    let mut event = Event::new(Provider::Generic, EventKind::Custom);
    event.delivery_id = match super::optional(headers, DELIVERY)? {
        Some(id) => delivery_id(DELIVERY, id)?,
        None => match text(&payload, "delivery_id", "/delivery_id")? {
            Some(id) => delivery_id("assay-delivery", &id).map_err(|_| ParseError::Field {
                field: "/delivery_id",
                why: "must be 1 to 200 printable characters",
            })?,
            None => sha256(body),
        },
    };
    if payload.get("event").and_then(Value::as_str) == Some("ping") {
        return Ok(Parsed::Ping {
            delivery_id: event.delivery_id,
        });
    }
    if let Some(written) = text(&payload, "ref", "/ref")? {
        pushed(&mut event, "/ref", &written)?;
    }
    event.sha = commit("/sha", text(&payload, "sha", "/sha")?)?;
    event.before = commit("/before", text(&payload, "before", "/before")?)?;
    event.title = text(&payload, "title", "/title")?
        .as_deref()
        .and_then(title);
    event.author = text(&payload, "author", "/author")?;
    if let Some(full_name) = text(&payload, "repository", "/repository")? {
        event.repository = Some(Repository {
            full_name: name("/repository", full_name)?,
            id: None,
            url: None,
            api_url: None,
        });
    }
    event.payload = payload;
    Ok(Parsed::Event(Box::new(event)))
}

/// A field that is a string, when it is there.
fn text(payload: &Value, key: &str, field: &'static str) -> Result<Option<String>, ParseError> {
    match payload.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ParseError::Field {
            field,
            why: "must be a string",
        }),
    }
}
