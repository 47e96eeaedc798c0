//! One request, as a handler sees it: who calls, what was sent, where the stores are.

use crate::clock;
use crate::db::ScopedDb;
use crate::guard::Actor;
use crate::kv::Kv;
use crate::page::PageQuery;
use crate::people::{self, Asked, Person};
use crate::platform::Platform;
use crate::problem::{Problem, ProblemKind};
use assay_model::Validate;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::future::select;
use http::{HeaderMap, Method, Uri, header, request::Parts};
use serde::de::DeserializeOwned;
use spin_sdk::http::body::IncomingBodyExt as _;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

/// Largest JSON body a route takes unless it says otherwise, in bytes.
pub const DEFAULT_BODY_LIMIT: usize = 4 << 20;
/// Most memory that is set aside for a body because it is said to be that long, in bytes.
const RESERVED: usize = 32 << 20;
/// Largest body of a call between components.
pub(crate) const INTERNAL_BODY_LIMIT: usize = 64 << 20;

/// Most that is read of a body that nobody wanted, in bytes, and how long that may take, in milliseconds: whoever is refused
/// must not keep an instance by sending slowly.
const DISCARD_LIMIT: usize = 1 << 20;
const DISCARD_MS: u64 = 5_000;

type Incoming = spin_sdk::wasip3::http_compat::IncomingRequestBody;

pub(crate) enum Body {
    Stream(Incoming),
    Read(Bytes),
    Taken,
}

/// A request's body, kept where it is found again when no handler has read it.
pub(crate) type BodySlot = Rc<RefCell<Body>>;

pub(crate) fn body_slot(body: Incoming) -> BodySlot {
    Rc::new(RefCell::new(Body::Stream(body)))
}

/// Reads what nobody wanted, where that is little: Spin cuts the connection, and often the answer with it, when the answer
/// comes before the end of the body.
pub(crate) async fn discard(body: &BodySlot) {
    let Body::Stream(stream) = body.replace(Body::Taken) else {
        return;
    };
    let rest = async {
        let (mut stream, mut read) = (stream.stream(), 0);
        while read < DISCARD_LIMIT
            && let Some(Ok(chunk)) = stream.next().await
        {
            read += chunk.len();
        }
    };
    select(pin!(rest), pin!(clock::sleep(DISCARD_MS))).await;
}

/// One request.
pub struct Ctx {
    /// The component that answers.
    pub component: &'static str,
    /// Settings and keys.
    pub platform: Rc<Platform>,
    /// Names the request in logs and problem documents.
    pub request_id: String,
    /// The method.
    pub method: Method,
    /// The URI.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    params: Vec<(String, String)>,
    query: Vec<(String, String)>,
    actor: Option<Actor>,
    person: Option<Person>,
    body: BodySlot,
}

impl Ctx {
    pub(crate) fn new(
        component: &'static str,
        platform: Rc<Platform>,
        request_id: String,
        parts: Parts,
        params: Vec<(String, String)>,
        body: BodySlot,
    ) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
        Self {
            component,
            platform,
            request_id,
            method,
            uri,
            headers,
            params,
            query,
            actor: None,
            person: None,
            body,
        }
    }

    pub(crate) fn set_actor(&mut self, actor: Actor) {
        self.actor = Some(actor);
    }

    pub(crate) fn set_person(&mut self, person: Person) {
        self.person = Some(person);
    }

    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked {
            method: &self.method,
            uri: &self.uri,
            headers: &self.headers,
        }
    }

    pub(crate) fn set_body(&mut self, body: Bytes) {
        self.body.replace(Body::Read(body));
    }

    /// The proven caller.
    ///
    /// # Errors
    /// On a public or internal route, which is a fault of the handler.
    pub fn actor(&self) -> Result<&Actor, Problem> {
        self.actor
            .as_ref()
            .ok_or_else(|| Problem::internal("the route has no actor"))
    }

    /// The person who signed in.
    ///
    /// # Errors
    /// On a route that is not [`crate::Access::Person`], which is a fault of the handler.
    pub fn person(&self) -> Result<&Person, Problem> {
        self.person
            .as_ref()
            .ok_or_else(|| Problem::internal("the route has no person"))
    }

    /// Refuses a request that a page of another site made. For routes that hand out sessions.
    ///
    /// # Errors
    /// A problem that says so.
    pub fn same_origin(&self) -> Result<(), Problem> {
        people::check_origin(&self.asked(), &self.platform)
    }

    /// Where the client reaches us: what the operator says, or what the client thinks.
    #[must_use]
    pub fn base_url(&self) -> String {
        let public_url = &self.platform.config.public_url;
        match self.asked().authority() {
            Some(authority) if public_url.is_empty() => format!("http://{authority}"),
            _ => public_url.clone(),
        }
    }

    /// A path parameter, decoded.
    ///
    /// # Errors
    /// When the route has none of that name, which is a fault of the handler.
    pub fn param(&self, name: &str) -> Result<&str, Problem> {
        let found = self.params.iter().find(|(n, _)| n == name);
        found
            .map(|(_, v)| v.as_str())
            .ok_or_else(|| Problem::internal(format!("the route has no parameter {name}")))
    }

    /// A query parameter's first value, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Every value of a repeated query parameter.
    pub fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Refuses query parameters that the route does not know: a misspelt filter must not select everything.
    ///
    /// # Errors
    /// A validation problem that names them.
    pub fn only_query(&self, known: &[&str]) -> Result<(), Problem> {
        let unknown: Vec<_> = self
            .query
            .iter()
            .filter(|(n, _)| !known.contains(&n.as_str()))
            .map(|(n, _)| assay_model::FieldError {
                field: n.clone(),
                message: format!(
                    "is not a parameter of this route; it takes {}",
                    known.join(", ")
                ),
            })
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(Problem::validation(unknown))
        }
    }

    /// All query parameters, in the order in which they were sent.
    pub fn queries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// `limit` and `cursor`.
    ///
    /// # Errors
    /// A validation problem that names the wrong one.
    pub fn page(&self) -> Result<PageQuery, Problem> {
        PageQuery::parse(self.query("limit"), self.query("cursor"))
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The relational store, bound to the caller's workspace.
    ///
    /// # Errors
    /// When it cannot be reached, or nobody is bound.
    pub async fn db(&self) -> Result<ScopedDb, Problem> {
        let workspace = self.actor()?.workspace.clone();
        Ok(ScopedDb::new(self.platform.db().await?, workspace))
    }

    /// The key-value store.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn kv(&self) -> Result<Kv, Problem> {
        Kv::open().await
    }

    /// The body, refused as soon as it exceeds `limit` bytes.
    ///
    /// # Errors
    /// `body-too-large`, or `malformed-body` when it breaks off.
    pub async fn bytes(&mut self, limit: usize) -> Result<Bytes, Problem> {
        let mut all = BytesMut::new();
        let declared = self.declared_length();
        self.pieces(limit, |piece| {
            if all.is_empty() {
                let said = declared.unwrap_or_default().min(RESERVED);
                all.reserve(said.max(piece.len()));
            }
            all.extend_from_slice(piece);
            Ok(())
        })
        .await?;
        Ok(all.freeze())
    }

    /// The length that the body is said to have.
    #[must_use]
    pub fn declared_length(&self) -> Option<usize> {
        self.header("content-length").and_then(|v| v.parse().ok())
    }

    /// Hands the body on piece by piece as it comes in, until `take` refuses one or they exceed `limit` bytes.
    ///
    /// # Errors
    /// Those of `take`; `body-too-large`, or `malformed-body` when it breaks off.
    pub async fn pieces(
        &mut self,
        limit: usize,
        mut take: impl FnMut(&[u8]) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let too_large = || {
            Problem::new(
                ProblemKind::BodyTooLarge,
                format!("The body may have at most {limit} bytes."),
            )
        };
        let broken = || {
            let detail = "The body broke off before its end.";
            Problem::new(ProblemKind::MalformedBody, detail)
        };
        let declared = self.declared_length();
        if declared.is_some_and(|n| n > limit) {
            return Err(too_large());
        }
        let stream = match self.body.replace(Body::Taken) {
            Body::Read(bytes) if bytes.len() > limit => return Err(too_large()),
            Body::Read(bytes) => return take(&bytes),
            Body::Taken => return Err(Problem::internal("the body was read twice")),
            Body::Stream(stream) => stream,
        };
        let mut stream = stream.stream();
        let mut read = 0;
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|e| broken().caused_by(e))?;
            read += piece.len();
            if read > limit {
                return Err(too_large());
            }
            take(&piece)?;
        }
        if declared.is_some_and(|n| n != read) {
            return Err(broken());
        }
        Ok(())
    }

    /// The JSON body, an object, read as `T` without its own validation. Wrong types name their field.
    ///
    /// # Errors
    /// `unsupported-media-type`, `malformed-body`, `body-too-large` or `validation`.
    pub async fn raw_json<T: DeserializeOwned>(&mut self, limit: usize) -> Result<T, Problem> {
        let bytes = self.json_bytes(limit).await?;
        // A list would be taken for the fields of an object in their order.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Problem::field("", "must be an object"));
        }
        parse_json(&bytes)
    }

    /// The body, where it is said to be JSON or not said to be anything else.
    async fn json_bytes(&mut self, limit: usize) -> Result<Bytes, Problem> {
        if let Some(text) = self.header(header::CONTENT_TYPE.as_str()) {
            let media = text.split(';').next().unwrap_or_default().trim();
            let json = media.eq_ignore_ascii_case("application/json")
                || (media.starts_with("application/") && media.ends_with("+json"));
            if !json {
                let detail = format!("Send application/json, not {media}.");
                return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
            }
        }
        self.bytes(limit).await
    }

    /// The JSON body, read as `T` and validated.
    ///
    /// # Errors
    /// As [`Ctx::raw_json`].
    pub async fn json<T: DeserializeOwned + Validate>(&mut self) -> Result<T, Problem> {
        let value: T = self.raw_json(DEFAULT_BODY_LIMIT).await?;
        value.validate().map_err(Problem::validation)?;
        Ok(value)
    }
}

/// Reads JSON; the problem names the field by JSON pointer where a type is wrong. `serde_json` refuses nesting deeper
/// than 128 levels and text that is not UTF-8.
///
/// # Errors
/// `malformed-body` or `validation`.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.is_empty() {
        return Err(Problem::new(
            ProblemKind::MalformedBody,
            "The body is empty; send JSON.",
        ));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let pointer = json_pointer(e.path());
        let inner = e.into_inner();
        if inner.is_data() {
            Problem::field(pointer, strip_position(&inner.to_string()))
        } else {
            Problem::new(
                ProblemKind::MalformedBody,
                format!("The body is not JSON: {inner}."),
            )
        }
    })?;
    reader.end().map_err(|e| {
        Problem::new(
            ProblemKind::MalformedBody,
            format!("The body is not JSON: {e}."),
        )
    })?;
    Ok(value)
}

fn json_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// The position within the body helps nobody who is told the field.
fn strip_position(message: &str) -> String {
    message
        .split(" at line ")
        .next()
        .unwrap_or(message)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::CampaignSpec;

    #[track_caller]
    fn check(body: &str, kind: ProblemKind, field: &str) {
        let problem = parse_json::<CampaignSpec>(body.as_bytes()).unwrap_err();
        assert_eq!(problem.kind(), kind, "{problem}");
        if !field.is_empty() {
            assert!(problem.to_string().contains(field), "{problem}");
        }
    }

    #[test]
    fn names_the_wrong_field() {
        check(
            r#"{"name":"x","agent_id":"a","metrics":[{"kind":"nope"}]}"#,
            ProblemKind::Validation,
            "/metrics/0/kind",
        );
        check(r#"{"name":1}"#, ProblemKind::Validation, "/name");
        check(
            r#"{"name":"x","agent_id":"a","oops":1}"#,
            ProblemKind::Validation,
            "oops",
        );
        check(r#"{"agent_id":"a"}"#, ProblemKind::Validation, "name");
    }

    #[test]
    fn malformed_bodies() {
        check("", ProblemKind::MalformedBody, "");
        check("{", ProblemKind::MalformedBody, "");
        check("{} x", ProblemKind::Validation, "");
        check(&"[".repeat(100_000), ProblemKind::Validation, "");
        assert_eq!(
            parse_json::<serde_json::Value>(b"\"\xff\"")
                .unwrap_err()
                .kind(),
            ProblemKind::MalformedBody
        );
        let deep = "[".repeat(100_000);
        assert_eq!(
            parse_json::<serde_json::Value>(deep.as_bytes())
                .unwrap_err()
                .kind(),
            ProblemKind::MalformedBody
        );
    }
}
