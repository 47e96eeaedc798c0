//! Bare hyper: the peer of the host, and an agent and a judge that answer at once.

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::time::Duration;

/// What is printed once connections are taken, before the address.
pub(crate) const LISTENING: &str = "listening on ";

/// What the agent says to everything.
pub(crate) const SAYS: &str = "pong";

/// How long a thoughtful agent takes.
pub(crate) const THINKS: Duration = Duration::from_secs(1);

/// How long a judge that deliberates takes.
pub(crate) const DELIBERATES: Duration = Duration::from_millis(200);

/// A chat completion that says [`SAYS`].
const COMPLETION: &str = r#"{"id":"c-1","object":"chat.completion","model":"instant-1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"pong"}}],"usage":{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8}}"#;

/// A chat completion that a judge could give.
const VERDICT: &str = r#"{"id":"c-2","object":"chat.completion","model":"instant-1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"{\"score\": 10, \"reason\": \"as it should be\"}"}}],"usage":{"prompt_tokens":70,"completion_tokens":9,"total_tokens":79}}"#;

/// What a server answers.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Answer {
    /// What the hello component answers.
    Hello,
    /// Chat completions: a verdict under `/judge`, an agent's answer anywhere else.
    Chat,
    /// The same, after [`THINKS`].
    Thoughtful,
    /// The same, after [`DELIBERATES`].
    Deliberate,
}

/// Serves on a free loopback port until killed. As many worker threads as processors, like the platform.
pub(crate) fn run(answer: Answer) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{LISTENING}{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let service = service_fn(move |request| respond(answer, request));
            let mut http = http1::Builder::new();
            // A client that goes away in the middle is no matter here.
            let connection = http
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move { drop(connection.await) });
        }
    })
}

async fn respond(
    answer: Answer,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let judge = request.uri().path().starts_with("/judge");
    let (media_type, body) = match answer {
        Answer::Hello => ("text/plain; charset=utf-8", "Hello, world!"),
        Answer::Chat | Answer::Thoughtful | Answer::Deliberate => {
            // A connection can only be used again when the request was read.
            drop(request.into_body().collect().await);
            match answer {
                Answer::Thoughtful => tokio::time::sleep(THINKS).await,
                Answer::Deliberate => tokio::time::sleep(DELIBERATES).await,
                Answer::Hello | Answer::Chat => {}
            }
            ("application/json", if judge { VERDICT } else { COMPLETION })
        }
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_says_what_items_expect() {
        let completion: serde_json::Value = serde_json::from_str(COMPLETION).unwrap();
        assert_eq!(completion["choices"][0]["message"]["content"], SAYS);
        let verdict: serde_json::Value = serde_json::from_str(VERDICT).unwrap();
        let content = verdict["choices"][0]["message"]["content"]
            .as_str()
            .unwrap();
        assert!(content.parse::<serde_json::Value>().is_ok());
    }
}
