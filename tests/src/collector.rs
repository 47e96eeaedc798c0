//! A collector of spans: it takes any body, answers what the test says, and remembers what it got.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// An answer of the other side.
#[derive(Clone)]
pub struct CollectorAnswer {
    /// The status.
    pub status: u16,
    /// Seconds after which to come again.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: Vec<u8>,
    /// How long to wait first.
    pub delay: Duration,
}

impl CollectorAnswer {
    /// That status, at once, with nothing to say.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self {
            status,
            retry_after: None,
            body: Vec::new(),
            delay: Duration::ZERO,
        }
    }
}

/// A request that the other side got.
#[derive(Clone)]
pub struct CollectorRequest {
    /// When it came.
    pub at: Instant,
    /// Path and query.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it was sent.
    pub body: Vec<u8>,
    /// The status that it was answered with.
    pub answered: u16,
}

/// A collector that takes spans in protobuf, as the test says.
pub struct Collector {
    /// Its base URL.
    pub url: String,
    requests: Arc<Mutex<Vec<CollectorRequest>>>,
    server: Arc<tiny_http::Server>,
    stopped: Arc<AtomicBool>,
}

impl Collector {
    /// Answers the n-th request, from 0, with what `answer` says.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start(answer: impl Fn(usize) -> CollectorAnswer + Send + Sync + 'static) -> Self {
        let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").unwrap());
        let url = format!("http://{}", server.server_addr());
        let requests: Arc<Mutex<Vec<CollectorRequest>>> = Arc::default();
        let stopped = Arc::new(AtomicBool::new(false));
        let (count, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        for _ in 0..4 {
            let (server, requests, stopped, count, answer) = (
                server.clone(),
                requests.clone(),
                stopped.clone(),
                count.clone(),
                answer.clone(),
            );
            std::thread::spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    let Ok(Some(mut request)) = server.recv_timeout(Duration::from_millis(200))
                    else {
                        continue;
                    };
                    let mut body = Vec::new();
                    let _ = request.as_reader().read_to_end(&mut body);
                    let headers = request.headers().iter();
                    let headers = headers
                        .map(|h| (h.field.to_string().to_lowercase(), h.value.to_string()))
                        .collect();
                    let reply = answer(count.fetch_add(1, Ordering::SeqCst));
                    requests.lock().unwrap().push(CollectorRequest {
                        at: Instant::now(),
                        path: request.url().to_owned(),
                        headers,
                        body,
                        answered: reply.status,
                    });
                    std::thread::sleep(reply.delay);
                    let mut response =
                        tiny_http::Response::from_data(reply.body).with_status_code(reply.status);
                    if let Some(seconds) = reply.retry_after {
                        let header = format!("retry-after: {seconds}");
                        response =
                            response.with_header(header.parse::<tiny_http::Header>().unwrap());
                    }
                    let _ = request.respond(response);
                }
            });
        }
        Self {
            url,
            requests,
            server,
            stopped,
        }
    }

    /// What it was asked.
    #[must_use]
    pub fn requests(&self) -> Vec<CollectorRequest> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.server.unblock();
    }
}
