//! Traces out: traces, observations and scores as the store has them; what people say of them, keep of lists and share.

mod analysis;
mod comments;
mod erase;
mod export;
mod groups;
mod langfuse;
mod live;
mod observations;
mod policy;
mod query;
mod queue;
mod scores;
mod shared;
mod shares;
mod traces;
mod views;
mod who;

use assay_access::Permission::{EvaluationsRun, ScoresWrite, TracesRead, TracesWrite};
use assay_edge::Access::{Needs, Public};
use assay_edge::{Component, Route, route};
use langfuse::{experiments, project};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static ROUTES: &[Route] = &[
    route!(GET "/api/v1/traces", Needs(TracesRead), 200, "List traces, newest first", traces::list),
    route!(GET "/api/v1/traces/{id}", Needs(TracesRead), 200, "Get a trace with its observations and scores", traces::get),
    route!(GET "/api/v1/traces/{id}/tree", Needs(TracesRead), 200, "Get a trace as a tree, by pages", traces::tree),
    route!(DELETE "/api/v1/traces/{id}", Needs(TracesWrite), 204, "Delete a trace with its observations and scores", traces::delete),
    route!(GET "/api/v1/observations", Needs(TracesRead), 200, "List observations, newest first", observations::list),
    route!(GET "/api/v1/observations/{id}", Needs(TracesRead), 200, "Get an observation", observations::get),
    route!(GET "/api/v1/scores", Needs(TracesRead), 200, "List scores, newest first", scores::list),
    route!(POST "/api/v1/scores", Needs(ScoresWrite), 200, "Give a score, or replace the one with its id", scores::put),
    route!(GET "/api/public/health", Public, 200, "Tell that the server is well", project::health),
    route!(GET "/api/public/projects", Needs(TracesRead), 200, "Tell the project of a key as Langfuse does", project::list),
    route!(GET "/api/public/traces", Needs(TracesRead), 200, "List traces as Langfuse does", langfuse::traces::list),
    route!(DELETE "/api/public/traces", Needs(TracesWrite), 200, "Delete traces as Langfuse does", langfuse::traces::delete_many),
    route!(GET "/api/public/traces/{id}", Needs(TracesRead), 200, "Get a trace as Langfuse does", langfuse::traces::get),
    route!(DELETE "/api/public/traces/{id}", Needs(TracesWrite), 200, "Delete a trace as Langfuse does", langfuse::traces::delete),
    route!(GET "/api/public/observations", Needs(TracesRead), 200, "List observations as Langfuse did", langfuse::observations::list),
    route!(GET "/api/public/observations/{id}", Needs(TracesRead), 200, "Get an observation as Langfuse did", langfuse::observations::get),
    route!(GET "/api/public/v2/observations", Needs(TracesRead), 200, "List observations as Langfuse does", langfuse::observations::list_v2),
    route!(POST "/api/public/scores", Needs(ScoresWrite), 200, "Give scores as Langfuse does", langfuse::scores::put),
    route!(GET "/api/public/scores", Needs(TracesRead), 200, "List scores as Langfuse did", langfuse::scores::list_v2),
    route!(GET "/api/public/scores/{id}", Needs(TracesRead), 200, "Get a score as Langfuse did", langfuse::scores::get),
    route!(DELETE "/api/public/scores/{id}", Needs(ScoresWrite), 202, "Delete a score as Langfuse does", langfuse::scores::delete),
    route!(GET "/api/public/v2/scores", Needs(TracesRead), 200, "List scores as Langfuse does", langfuse::scores::list_v2),
    route!(GET "/api/public/v2/scores/{id}", Needs(TracesRead), 200, "Get a score as Langfuse does", langfuse::scores::get),
    route!(GET "/api/public/v3/scores", Needs(TracesRead), 200, "List scores by cursor as Langfuse does", langfuse::scores::list_v3),
    route!(GET "/api/public/sessions", Needs(TracesRead), 200, "List sessions as Langfuse does", langfuse::sessions::list),
    route!(GET "/api/public/sessions/{id}", Needs(TracesRead), 200, "Get a session as Langfuse does", langfuse::sessions::get),
    route!(GET "/api/public/metrics", Needs(TracesRead), 200, "Aggregate traces as Langfuse did", langfuse::metrics::one),
    route!(GET "/api/public/v2/metrics", Needs(TracesRead), 200, "Aggregate traces as Langfuse does", langfuse::metrics::two),
    route!(GET "/api/public/metrics/daily", Needs(TracesRead), 200, "Sum up days as Langfuse does", langfuse::metrics::daily),
    route!(GET "/api/public/experiments", Needs(TracesRead), 200, "List experiments as Langfuse does", experiments::list),
    route!(GET "/api/public/experiment-items", Needs(TracesRead), 200, "List items of experiments as Langfuse does", experiments::items),
    route!(GET "/api/v1/analytics", Needs(TracesRead), 200, "Tell what can be aggregated", analysis::catalogue),
    route!(POST "/api/v1/analytics", Needs(TracesRead), 200, "Aggregate traces, observations or scores", analysis::ask),
    route!(GET "/api/v1/exports/traces", Needs(TracesRead), 200, "Export traces as a file", export::of_traces),
    route!(GET "/api/v1/exports/observations", Needs(TracesRead), 200, "Export observations as a file", export::of_observations),
    route!(GET "/api/v1/exports/scores", Needs(TracesRead), 200, "Export scores as a file", export::of_scores),
    route!(GET "/api/v1/live/traces", Needs(TracesRead), 200, "Watch traces as they come in", live::traces),
    route!(GET "/api/v1/evaluation-queue", Needs(TracesRead), 200, "List what is to be evaluated, and what was", queue::list),
    route!(GET "/api/v1/evaluation-queue/summary", Needs(TracesRead), 200, "Count what is to be evaluated, and what was", queue::summary),
    route!(POST "/api/v1/evaluation-queue/claim", Needs(EvaluationsRun), 200, "Take traces to evaluate", queue::claim),
    route!(POST "/api/v1/evaluation-queue/finish", Needs(EvaluationsRun), 200, "Say what became of them", queue::finish),
    route!(POST "/api/v1/evaluation-queue/retry", Needs(EvaluationsRun), 200, "Evaluate again what came to an end", queue::retry),
    route!(POST "/api/v1/evaluation-queue/backfill", Needs(EvaluationsRun), 200, "Evaluate traces that are there already", queue::backfill),
    route!(GET "/api/v1/sessions", Needs(TracesRead), 200, "List sessions, the one last seen first", groups::sessions),
    route!(GET "/api/v1/users", Needs(TracesRead), 200, "List end users, the one last seen first", groups::users),
    route!(DELETE "/api/v1/users/{id}", Needs(TracesWrite), 200, "Delete all traces of an end user", groups::forget),
    route!(GET "/api/v1/scores/{id}", Needs(TracesRead), 200, "Get a score", scores::get),
    route!(DELETE "/api/v1/scores/{id}", Needs(ScoresWrite), 204, "Delete a score", scores::delete),
    route!(GET "/api/v1/views", Needs(TracesRead), 200, "List saved views, newest first", views::list),
    route!(POST "/api/v1/views", Needs(ScoresWrite), 201, "Save a view", views::create),
    route!(GET "/api/v1/views/{id}", Needs(TracesRead), 200, "Get a saved view", views::get),
    route!(PUT "/api/v1/views/{id}", Needs(ScoresWrite), 200, "Replace a saved view", views::replace),
    route!(PATCH "/api/v1/views/{id}", Needs(ScoresWrite), 200, "Change a saved view in part", views::patch),
    route!(DELETE "/api/v1/views/{id}", Needs(ScoresWrite), 204, "Delete a saved view", views::delete),
    route!(GET "/api/v1/comments", Needs(TracesRead), 200, "List comments, newest first", comments::list),
    route!(POST "/api/v1/comments", Needs(ScoresWrite), 201, "Comment on something", comments::create),
    route!(GET "/api/v1/comments/{id}", Needs(TracesRead), 200, "Get a comment", comments::get),
    route!(PATCH "/api/v1/comments/{id}", Needs(ScoresWrite), 200, "Change a comment of one's own", comments::patch),
    route!(DELETE "/api/v1/comments/{id}", Needs(ScoresWrite), 204, "Delete a comment", comments::delete),
    route!(GET "/api/public/comments", Needs(TracesRead), 200, "List comments as Langfuse does", langfuse::comments::list),
    route!(POST "/api/public/comments", Needs(ScoresWrite), 200, "Comment as Langfuse does", langfuse::comments::create),
    route!(GET "/api/public/comments/{id}", Needs(TracesRead), 200, "Get a comment as Langfuse does", langfuse::comments::get),
    route!(GET "/api/v1/shares", Needs(TracesRead), 200, "List public links to traces, newest first", shares::list_all),
    route!(GET "/api/v1/traces/{id}/shares", Needs(TracesRead), 200, "List a trace's public links, newest first", shares::list),
    route!(POST "/api/v1/traces/{id}/shares", Needs(TracesWrite), 201, "Make a public link to a trace", shares::create),
    route!(DELETE "/api/v1/traces/{id}/shares/{share}", Needs(TracesWrite), 204, "Revoke a public link", shares::revoke),
    route!(GET "/api/v1/shared/{token}", Public, 200, "Get a trace by its public link", shared::get),
    route!(GET "/api/v1/shared/{token}/tree", Public, 200, "Get a trace by its public link, as a tree by pages", shared::tree),
];

static COMPONENT: Component = Component {
    name: "traces",
    routes: ROUTES,
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::serve(&COMPONENT, request).await
}
