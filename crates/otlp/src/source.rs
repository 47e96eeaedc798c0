//! What a request says, in its order and piece by piece: each resource, then its scopes, each followed by its spans.
//!
//! Of a protobuf body only the outline is made at first, where each piece lies; a piece is built when its turn comes. So a
//! piece that cannot be read is known by its place, and costs its neighbours nothing. JSON is built whole, and once more
//! leniently when something in it is not of its type.

use crate::DecodeError;
use crate::census::next_field;
use crate::proto::{Resource, Scope, Span, TracesRequest};
use prost::Message;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

/// A piece of a request; an error is why it cannot be read, for a person.
pub(crate) enum Piece {
    /// Made the spans that follow.
    Resource(Result<Option<Resource>, String>),
    /// Made the spans that follow, within the resource.
    Scope(Result<Option<Scope>, String>),
    /// A span.
    Span(Result<Span, Unread>),
}

/// A span that cannot be read.
pub(crate) struct Unread {
    /// Its id in hex as far as that can be read, shortened.
    pub(crate) span_id: String,
    /// Why.
    pub(crate) reason: String,
}

/// A request's pieces.
pub(crate) enum Source<'a> {
    /// Where they lie in a protobuf body.
    Places(std::vec::IntoIter<Place<'a>>),
    /// Those that are built.
    Built(Box<dyn Iterator<Item = Piece>>),
}

impl Iterator for Source<'_> {
    type Item = Piece;

    #[inline]
    fn next(&mut self) -> Option<Piece> {
        match self {
            Self::Places(places) => Some(places.next()?.build()),
            Self::Built(pieces) => pieces.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Places(places) => places.size_hint(),
            Self::Built(pieces) => pieces.size_hint(),
        }
    }
}

/// Where a piece of a protobuf body lies. A message that is there more than once is the sum of its parts.
pub(crate) enum Place<'a> {
    Resource(Vec<&'a [u8]>),
    Scope(Vec<&'a [u8]>),
    Span(&'a [u8]),
}

impl Place<'_> {
    #[inline]
    fn build(self) -> Piece {
        match self {
            Self::Resource(parts) => Piece::Resource(merged(&parts)),
            Self::Scope(parts) => Piece::Scope(merged(&parts)),
            Self::Span(bytes) => Piece::Span(Span::decode(bytes).map_err(|e| Unread {
                span_id: id_in(bytes),
                reason: format!("it is not a valid span: {e}"),
            })),
        }
    }
}

/// The pieces of a protobuf body.
///
/// # Errors
/// When resources, scopes and spans cannot be told apart: the body is cut off, or something else.
pub(crate) fn protobuf(body: &[u8]) -> Result<Source<'_>, DecodeError> {
    let mut places = Vec::new();
    for resource_spans in parts(body, 1)? {
        places.push(Place::Resource(parts(resource_spans, 1)?));
        for scope_spans in parts(resource_spans, 2)? {
            places.push(Place::Scope(parts(scope_spans, 1)?));
            places.extend(parts(scope_spans, 2)?.into_iter().map(Place::Span));
        }
    }
    Ok(Source::Places(places.into_iter()))
}

/// The messages in field `tag`.
fn parts(mut body: &[u8], tag: u32) -> Result<Vec<&[u8]>, DecodeError> {
    let mut parts = Vec::new();
    while let Some((field, part)) = next_field(&mut body)? {
        if field == tag {
            parts.push(part.ok_or_else(crate::census::malformed)?);
        }
    }
    Ok(parts)
}

fn merged<M: Message + Default>(parts: &[&[u8]]) -> Result<Option<M>, String> {
    let mut message = None;
    for part in parts {
        let message = message.get_or_insert_with(M::default);
        message.merge(*part).map_err(|e| e.to_string())?;
    }
    Ok(message)
}

/// The id of a span that cannot be read.
fn id_in(mut span: &[u8]) -> String {
    while let Ok(Some((field, part))) = next_field(&mut span) {
        if let (2, Some(id)) = (field, part) {
            return hex::encode(id.get(..8).unwrap_or(id));
        }
    }
    String::new()
}

/// The pieces of a JSON body.
///
/// # Errors
/// When it is not JSON, or resources, scopes and spans cannot be told apart.
pub(crate) fn json(body: &[u8]) -> Result<Source<'_>, DecodeError> {
    // A list would be taken for the fields of an object in their order.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(serde_json::Error::custom("a list, where an object is expected").into());
    }
    match serde_json::from_slice::<TracesRequest>(body) {
        Ok(request) => Ok(whole(request)),
        Err(e) if e.is_data() => match serde_json::from_slice::<Untyped>(body) {
            Ok(request) => Ok(Source::Built(Box::new(request.pieces()))),
            Err(_) => Err(e.into()),
        },
        Err(e) => Err(e.into()),
    }
}

/// The pieces of a request that is built.
pub(crate) fn whole<'a>(request: TracesRequest) -> Source<'a> {
    let pieces = request.resource_spans.into_iter().flat_map(|of_resource| {
        let scopes = of_resource.scope_spans.into_iter().flat_map(|of_scope| {
            let spans = of_scope.spans.into_iter();
            std::iter::once(Piece::Scope(Ok(of_scope.scope)))
                .chain(spans.map(|span| Piece::Span(Ok(span))))
        });
        std::iter::once(Piece::Resource(Ok(of_resource.resource))).chain(scopes)
    });
    Source::Built(Box::new(pieces))
}

/// A request of which only the outline is certain.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Untyped {
    #[serde(
        rename = "resourceSpans",
        alias = "resource_spans",
        deserialize_with = "crate::json::or_default"
    )]
    resource_spans: Vec<UntypedResource>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct UntypedResource {
    resource: Value,
    #[serde(
        rename = "scopeSpans",
        alias = "scope_spans",
        deserialize_with = "crate::json::or_default"
    )]
    scope_spans: Vec<UntypedScope>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct UntypedScope {
    scope: Value,
    #[serde(deserialize_with = "crate::json::or_default")]
    spans: Vec<Value>,
}

impl Untyped {
    fn pieces(self) -> impl Iterator<Item = Piece> {
        self.resource_spans.into_iter().flat_map(|of_resource| {
            let scopes = of_resource.scope_spans.into_iter().flat_map(|of_scope| {
                let spans = of_scope.spans.into_iter();
                std::iter::once(Piece::Scope(typed(of_scope.scope)))
                    .chain(spans.map(|span| Piece::Span(typed_span(span))))
            });
            std::iter::once(Piece::Resource(typed(of_resource.resource))).chain(scopes)
        })
    }
}

/// What is wrong is told with its field.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let path = e.path().to_string();
        let inner = e.into_inner();
        if path == "." {
            inner.to_string()
        } else {
            format!("{path}: {inner}")
        }
    })
}

fn typed_span(span: Value) -> Result<Span, Unread> {
    let id = span.get("spanId").or_else(|| span.get("span_id"));
    let id = id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let span_id: String = id.unwrap_or_default().chars().take(16).collect();
    typed(span).map_err(|reason| Unread { span_id, reason })
}
