//! The simulator: one turn of the user, one call of the agent under test, trials of both, and what a scenario asks of servers and programs.
//!
//! It keeps nothing: the orchestrator sends what was said so far and stores what comes back.

mod chat;
mod fetch;
mod live;
mod model;
mod outcome;
mod probe;
mod program;
mod target;
mod tools;
mod user_turn;
mod world;

use assay_edge::{Access, Component, route, serve};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static COMPONENT: Component = Component {
    name: "simulator",
    routes: &[
        route!(POST "/internal/user-turn", Access::Internal, 200, "The user's next words", user_turn::user_turn),
        route!(POST "/internal/target", Access::Internal, 200, "One call of the agent under test", target::call),
        route!(POST "/internal/program", Access::Internal, 200, "One run of a program that the workspace has uploaded", program::run),
        route!(POST "/internal/probe", Access::Internal, 200, "One short exchange with an agent or a model", probe::probe),
        route!(POST "/internal/chat", Access::Internal, 200, "A conversation with a model", chat::chat),
        route!(POST "/internal/fetch", Access::Internal, 200, "One request to a server that a scenario names", fetch::fetch),
    ],
};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve(&COMPONENT, request).await
}
