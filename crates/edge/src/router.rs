//! The route table: every route with the permission it needs, so that the table is the access matrix.

use crate::chain;
use crate::ctx::{BodySlot, Ctx, body_slot, discard};
use crate::guard::{self, Principal};
use crate::log::log_error;
use crate::platform::platform;
use crate::problem::{Problem, ProblemKind};
use crate::rate::{self, Attempt};
use crate::reply::{self, Reply};
use assay_access::Permission;
use http::{HeaderValue, Method, request::Parts};
use spin_sdk::http::Request;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// What a handler returns.
pub type HandlerFuture = Pin<Box<dyn Future<Output = Result<Reply, Problem>>>>;
/// What answers a route.
pub type Handler = fn(Ctx) -> HandlerFuture;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Components of this installation, by signature.
    Internal,
    /// Actors whose role grants the permission.
    Needs(Permission),
    /// People who signed in, whatever they may do in a workspace.
    Person,
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// One line for the API's documentation.
    pub summary: &'static str,
    /// The status of success.
    pub success: u16,
    /// What answers.
    pub handler: Handler,
}

/// Writes a [`Route`]: `route!(GET "/api/v1/agents", Needs(ResourcesRead), 200, "List agents", agents::list)`.
#[macro_export]
macro_rules! route {
    ($method:ident $path:literal, $access:expr, $success:literal, $summary:literal, $handler:path) => {
        $crate::Route {
            method: stringify!($method),
            path: $path,
            access: $access,
            summary: $summary,
            success: $success,
            handler: |ctx| Box::pin($handler(ctx)),
        }
    };
}

/// A component: its name in `spin.toml` and its routes.
pub struct Component {
    /// The id in `spin.toml`.
    pub name: &'static str,
    /// What it answers.
    pub routes: &'static [Route],
}

struct Table {
    /// Path → methods → route. matchit 0.9 keeps one value a path.
    paths: matchit::Router<BTreeMap<&'static str, Route>>,
}

thread_local! {
    static TABLE: RefCell<Option<Rc<Table>>> = const { RefCell::new(None) };
}

impl Table {
    fn build(component: &Component) -> Result<Self, Problem> {
        let mut by_path: BTreeMap<&'static str, BTreeMap<&'static str, Route>> = BTreeMap::new();
        for route in component.routes {
            by_path
                .entry(route.path)
                .or_default()
                .insert(route.method, *route);
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths
                .insert(path, methods)
                .map_err(|e| Problem::internal(format!("route {path}: {e}")))?;
        }
        Ok(Self { paths })
    }

    fn of(component: &Component) -> Result<Rc<Self>, Problem> {
        if let Some(table) = TABLE.with_borrow(Clone::clone) {
            return Ok(table);
        }
        let table = Rc::new(Self::build(component)?);
        TABLE.with_borrow_mut(|slot| *slot = Some(table.clone()));
        Ok(table)
    }
}

/// Answers one request of a component. Never fails: what goes wrong becomes a problem document.
pub async fn serve(component: &'static Component, request: Request) -> Reply {
    let request_id = request
        .headers()
        .get("x-request-id")
        .and_then(|v| v.to_str().ok())
        .filter(|v| {
            (1..=100).contains(&v.len())
                && v.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        .map_or_else(crate::ids::new_id, str::to_owned);
    let what = format!("{} {}", request.method(), told(request.uri().path()));
    let of_langfuse = request.uri().path().starts_with("/api/public/");
    let by_page = ["sec-fetch-mode", "cookie", "origin"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    let (parts, body) = request.into_parts();
    let body = body_slot(body);
    let sends = !matches!(parts.method, Method::GET | Method::HEAD);
    let answer = dispatch(component, parts, body.clone(), request_id.clone()).await;
    if sends || answer.is_err() {
        discard(&body).await;
    }
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(problem) => {
            if problem.kind().status().is_server_error() {
                log_error(component.name, &request_id, &what, &problem.to_string());
            }
            if of_langfuse {
                reply::langfuse_problem(&problem, &request_id)
            } else {
                reply::problem(&problem, &request_id)
            }
        }
    };
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        answer.headers_mut().insert("x-request-id", id);
    }
    // For Basic a browser would ask the person for a password, over the page that has a better question.
    if by_page && answer.status() == http::StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"assay\"");
        answer.headers_mut().insert("www-authenticate", challenge);
    }
    answer
        .headers_mut()
        .entry("cache-control")
        .or_insert(HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    answer
}

async fn dispatch(
    component: &'static Component,
    parts: Parts,
    body: BodySlot,
    request_id: String,
) -> Result<Reply, Problem> {
    let table = Table::of(component)?;
    let path = parts.uri.path().to_owned();
    // The raw path is matched and each parameter decoded after, so that `%2F` within a name does not split it.
    let found = table.paths.at(&path).map_err(|_| {
        Problem::new(
            ProblemKind::NotFound,
            format!("There is no route `{path}`."),
        )
    })?;
    let method = if parts.method == Method::HEAD {
        "GET"
    } else {
        parts.method.as_str()
    };
    let route = *found.value.get(method).ok_or_else(|| {
        let allowed: Vec<&str> = found.value.keys().copied().collect();
        Problem::new(
            ProblemKind::MethodNotAllowed,
            format!("`{path}` answers {}.", allowed.join(", ")),
        )
        .allow(allowed.join(", "))
    })?;
    let params: Vec<(String, String)> = found
        .params
        .iter()
        .map(|(name, raw)| percent_decode(raw).map(|value| (name.to_owned(), value)))
        .collect::<Option<_>>()
        .ok_or_else(|| Problem::new(ProblemKind::NotFound, "The path is not valid UTF-8."))?;
    let platform = platform().await?;
    let mut ctx = Ctx::new(component.name, platform, request_id, parts, params, body);
    let mut budget = None;
    let mut sign_in = None;
    match route.access {
        Access::Public if is_sign_in(&route) || is_link(route.path) => {
            sign_in = Attempt::of(&ctx);
            if let Some(attempt) = &sign_in {
                attempt.may_sign_in(&ctx.platform).await?;
            }
        }
        // Many senders share the addresses of one provider, and a signature cannot be guessed: failures are counted, and
        // whoever signs rightly gets through all the same.
        Access::Public if is_hook(route.path) => sign_in = Attempt::of(&ctx),
        Access::Public => {}
        Access::Needs(permission) => {
            let asked = ctx.asked();
            let proof = guard::authenticate(&asked, &ctx.platform);
            let actor = rate::attempt(&ctx, proof).await?;
            if let Principal::ApiKey { id, .. } = &actor.principal {
                budget = rate::spend(&ctx.platform, id).await?;
            }
            if !actor.grant.has(permission) {
                let detail = format!("The role `{}` does not grant this.", actor.grant.role);
                return Err(Problem::new(ProblemKind::Forbidden, detail));
            }
            ctx.set_actor(actor);
        }
        Access::Person => {
            let asked = ctx.asked();
            let proof = guard::person(&asked, &ctx.platform);
            let person = rate::attempt(&ctx, proof).await?;
            ctx.set_person(person);
        }
        Access::Internal => {
            // To a stranger an internal route does not exist.
            let missing = || {
                Problem::new(
                    ProblemKind::NotFound,
                    format!("There is no route `{path}`."),
                )
            };
            let header = ctx
                .headers
                .get(chain::HEADER)
                .and_then(|v| v.to_str().ok())
                .ok_or_else(missing)?
                .to_owned();
            let body = ctx.bytes(crate::ctx::INTERNAL_BODY_LIMIT).await?;
            let now = chrono::Utc::now().timestamp();
            if !chain::verify(
                &ctx.platform.internal_key,
                now,
                component.name,
                &path,
                &body,
                &header,
            ) {
                return Err(missing());
            }
            ctx.set_body(body);
        }
    }
    let platform = ctx.platform.clone();
    let mut answer = (route.handler)(ctx).await;
    if let Some(attempt) = sign_in {
        // A link that opens nothing is a guess; what a sign-in does not find is none.
        let of_link = is_link(route.path);
        answer = attempt.signed_in(&platform, answer, of_link).await;
    }
    if let (Some(budget), Ok(answer)) = (budget, &mut answer) {
        budget.write(answer.headers_mut());
    }
    answer
}

/// Whether a public route takes something that proves a person or the operator.
fn is_sign_in(route: &Route) -> bool {
    let open = ["/api/v1/auth/jwks.json", "/api/v1/auth/providers"];
    (route.path.starts_with("/api/v1/auth/") && !open.contains(&route.path))
        || route.path == "/api/v1/setup"
}

/// Below here a segment of the path is a secret that opens something.
const LINKS: &str = "/api/v1/shared/";

/// Whether a public route is opened by a secret in its path.
fn is_link(path: &str) -> bool {
    path.starts_with(LINKS)
}

/// Whether a public route takes signed requests of other programs.
fn is_hook(path: &str) -> bool {
    path.starts_with("/hooks/")
}

/// The path as the log may have it.
fn told(path: &str) -> &str {
    if is_link(path) { LINKS } else { path }
}

/// Decodes `%XX`; `None` when the result is not UTF-8. `+` stays: only queries write spaces so.
pub(crate) fn percent_decode(raw: &str) -> Option<String> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        let (hi, lo) = (bytes.next()?, bytes.next()?);
        let digit = |c: u8| char::from(c).to_digit(16);
        out.push(u8::try_from(digit(hi)? * 16 + digit(lo)?).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::{percent_decode, told};

    #[test]
    fn the_log_has_no_links() {
        assert_eq!(told("/api/v1/shared/sh-as-1/tree"), "/api/v1/shared/");
        assert_eq!(told("/api/v1/traces/1"), "/api/v1/traces/1");
    }

    #[test]
    fn decodes_each_segment_after_matching() {
        assert_eq!(
            percent_decode("acc%2Ffolder%20x").as_deref(),
            Some("acc/folder x")
        );
        assert_eq!(percent_decode("a+b").as_deref(), Some("a+b"));
        assert_eq!(percent_decode("%ff"), None);
        assert_eq!(percent_decode("%2"), None);
        assert_eq!(percent_decode("%zz"), None);
    }
}
