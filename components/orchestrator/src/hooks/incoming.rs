//! What other programs send: proven by its signature, read, and turned into a campaign at most once.

use super::deliveries::{self, Claimed, Outcome};
use super::stored::{self, Hook};
use super::{secrets, statuses};
use crate::campaigns::{self, Begin};
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Platform, Problem, ProblemKind, Reply, clock, reply};
use assay_webhook::{Event, ParseError, Parsed, Provider, REPLAY_WINDOW_S, matches, parse, verify};
use http::{HeaderMap, StatusCode};
use serde_json::json;

/// Largest body, in bytes.
pub(crate) const MAX_BODY: usize = 1 << 20;
/// What no hook has for a secret: where there is no hook, this is compared with.
const NOBODYS: &str = "no hook has this for a secret, whatever is signed with it";

/// One answer for every way a request can be wrong, so that none can be probed.
pub(crate) fn unproven() -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
        "There is no such hook, or the request is not signed for it.",
    )
}

/// `POST /hooks/{id}`.
pub(crate) async fn incoming(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(MAX_BODY).await?;
    let id = ctx.param("id")?;
    let system = ctx.platform.db().await?;
    let found = match is_id(id) {
        true => stored::anyones(&system, id).await?,
        false => None,
    };
    let hook = proven(&ctx.platform, &ctx.headers, &body, found)?;
    // Of what is not proven failures are counted.
    ctx.spend("hook", &hook.id).await?;
    let parsed = parse(hook.spec.provider, &ctx.headers, &body).map_err(|e| unread(&e))?;
    let db = ScopedDb::for_internal(system, hook.workspace.clone());
    match parsed {
        Parsed::Ping { delivery_id } => {
            deliveries::note(&db, &hook, &delivery_id, None, Outcome::Ping, None).await?;
            reply::json(StatusCode::ACCEPTED, &json!({"pong": true}))
        }
        Parsed::Ignored { delivery_id, why } => {
            let why = why.to_string();
            deliveries::note(&db, &hook, &delivery_id, None, Outcome::Ignored, Some(&why)).await?;
            reply::json(StatusCode::ACCEPTED, &json!({"ignored": why}))
        }
        Parsed::Event(event) => match matches(&hook.spec.filter, &event) {
            Ok(()) => start(&ctx, &db, &hook, &event).await,
            Err(why) => {
                let why = why.to_string();
                let (id, event) = (event.delivery_id.clone(), Some(&*event));
                deliveries::note(&db, &hook, &id, event, Outcome::Ignored, Some(&why)).await?;
                reply::json(StatusCode::ACCEPTED, &json!({"ignored": why}))
            }
        },
    }
}

/// Ids are made by the platform, of these characters.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The hook, when the request is signed with a secret of it. Where there is none, or one that takes nothing, a signature is
/// compared all the same.
fn proven(
    platform: &Platform,
    headers: &HeaderMap,
    body: &[u8],
    found: Option<Hook>,
) -> Result<Hook, Problem> {
    let (provider, secrets) = match &found {
        Some(hook) => (
            hook.spec.provider,
            secrets::open(platform, &hook.id, &hook.secrets)?,
        ),
        None => (guessed(headers), vec![NOBODYS.to_owned()]),
    };
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let now_s = clock::now().micros().div_euclid(1_000_000);
    let signed = verify(provider, headers, body, &secrets, now_s, REPLAY_WINDOW_S);
    match (signed, found) {
        (Ok(()), Some(hook)) if hook.spec.enabled => Ok(hook),
        (Err(why), Some(hook)) => Err(unproven().caused_by(format!("hook {}: {why}", hook.id))),
        _ => Err(unproven()),
    }
}

/// Who seems to send.
fn guessed(headers: &HeaderMap) -> Provider {
    if headers.contains_key("x-hub-signature-256") {
        Provider::Github
    } else if headers.contains_key("x-gitlab-token") || headers.contains_key("webhook-signature") {
        Provider::Gitlab
    } else {
        Provider::Generic
    }
}

/// The sender is who it says, and what it sent cannot be read.
fn unread(why: &ParseError) -> Problem {
    match why {
        ParseError::Field { field, why } => Problem::field(*field, *why),
        ParseError::Header(_) | ParseError::Body(_) => Problem::new(
            ProblemKind::MalformedBody,
            format!("The hook cannot be read: {why}."),
        ),
    }
}

async fn start(ctx: &Ctx, db: &ScopedDb, hook: &Hook, event: &Event) -> Result<Reply, Problem> {
    let id = match deliveries::claim(db, hook, event).await? {
        Claimed::Open(id) => id,
        Claimed::Started(campaign) => {
            return reply::ok(&json!({"campaign_id": campaign, "repeated": true}));
        }
    };
    let begin = Begin::by(&hook.workspace, &hook.id);
    let also = statuses::begin(hook, event, &begin.id)?;
    let begin = Begin {
        key: Some(format!("hook:{}:{id}", hook.id)),
        trigger: json!(event),
        also: also.into_iter().collect(),
        ..begin
    };
    let spec = hook.spec.campaign.clone();
    match campaigns::start(&ctx.platform, &ctx.request_id, begin, spec).await {
        Ok(started) => {
            let campaign = started.campaign();
            deliveries::started(db, hook, &id, &campaign.id).await?;
            statuses::in_background(&ctx.request_id);
            reply::json(StatusCode::ACCEPTED, &json!({"campaign_id": campaign.id}))
        }
        // Whether it began is not known: the same delivery finds out.
        Err(problem) if problem.kind().status().is_server_error() => Err(problem),
        Err(problem) => {
            let problem = super::within_campaign(problem);
            deliveries::refused(db, hook, &id, &problem).await?;
            Err(problem)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_stranger_is_compared_as_the_provider_that_it_plays() {
        let mut headers = HeaderMap::new();
        assert_eq!(guessed(&headers), Provider::Generic);
        headers.insert("x-gitlab-token", HeaderValue::from_static("x"));
        assert_eq!(guessed(&headers), Provider::Gitlab);
        headers.insert("x-hub-signature-256", HeaderValue::from_static("x"));
        assert_eq!(guessed(&headers), Provider::Github);
    }

    #[test]
    fn what_no_id_looks_like_is_not_looked_for() {
        assert!(is_id("019ab4c2-7f3b-7c1a-9d55-2f6a1b0c4d3e"));
        for text in ["", "a b", "a\0", &"a".repeat(65)] {
            assert!(!is_id(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let field = unread(&ParseError::Field {
            field: "/ref",
            why: "must be a string",
        });
        assert_eq!(field.errors()[0].field, "/ref");
        let body = unread(&ParseError::Body("must be a JSON object".into()));
        assert_eq!(body.kind(), ProblemKind::MalformedBody);
    }
}
