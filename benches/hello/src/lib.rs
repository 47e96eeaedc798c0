//! Says hello, so that a benchmark measures the engine and nothing else.

use spin_sdk::{
    http::{IntoResponse, Request},
    http_service,
};

#[http_service]
async fn handle(_request: Request) -> impl IntoResponse {
    "Hello, world!"
}
