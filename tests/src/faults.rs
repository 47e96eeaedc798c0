//! A proxy in front of ClickHouse that answers what the test says: as a server that is full, read-only or cut off would.

use std::io::Read as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the proxy does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Hands it on.
    None,
    /// Refuses it: the table is read-only.
    ReadOnly,
    /// Refuses it: the limit of memory is reached.
    Memory,
    /// Hands it on, and loses the answer: what was asked for is done, and nobody hears of it.
    AnswerLost,
}

/// The proxy; ends with its value.
pub struct FaultProxy {
    /// Where it answers.
    pub url: String,
    fault: Arc<Mutex<Fault>>,
    hits: Arc<AtomicU64>,
    server: Arc<tiny_http::Server>,
    stopped: Arc<AtomicBool>,
}

/// Requests that it serves at once: more than a platform of two processors sends.
const WORKERS: usize = 32;

impl FaultProxy {
    /// A proxy before the server at `url`.
    #[must_use]
    pub fn before(url: &str) -> Self {
        let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").expect("a free port"));
        let own = format!("http://{}", server.server_addr());
        let fault = Arc::new(Mutex::new(Fault::None));
        let (hits, stopped) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let agent: ureq::Agent = config.into();
        for _ in 0..WORKERS {
            let (server, fault, hits, stopped) =
                (server.clone(), fault.clone(), hits.clone(), stopped.clone());
            let (agent, to) = (agent.clone(), url.trim_end_matches('/').to_owned());
            std::thread::spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    let Ok(Some(request)) = server.recv_timeout(Duration::from_millis(200)) else {
                        continue;
                    };
                    let fault = *fault.lock().expect("the fault");
                    if fault != Fault::None {
                        hits.fetch_add(1, Ordering::Relaxed);
                    }
                    serve(request, fault, &agent, &to);
                }
            });
        }
        Self {
            url: own,
            fault,
            hits,
            server,
            stopped,
        }
    }

    /// From now on.
    pub fn set(&self, fault: Fault) {
        *self.fault.lock().expect("the fault") = fault;
    }

    /// How many requests a fault has met so far.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.server.unblock();
    }
}

fn serve(mut request: tiny_http::Request, fault: Fault, agent: &ureq::Agent, to: &str) {
    let mut body = Vec::new();
    let _ = request.as_reader().read_to_end(&mut body);
    let (status, code, text) = match fault {
        Fault::None => forward(&request, &body, agent, to),
        Fault::ReadOnly => (
            500,
            Some("164".to_owned()),
            b"Code: 164. DB::Exception: readonly".to_vec(),
        ),
        Fault::Memory => (
            500,
            Some("241".to_owned()),
            b"Code: 241. DB::Exception: Memory limit exceeded".to_vec(),
        ),
        Fault::AnswerLost => {
            forward(&request, &body, agent, to);
            (504, None, b"<html>Gateway Time-out</html>".to_vec())
        }
    };
    let mut response = tiny_http::Response::from_data(text).with_status_code(status);
    if let Some(code) = code {
        let header = tiny_http::Header::from_bytes("x-clickhouse-exception-code", code);
        response = response.with_header(header.expect("a header"));
    }
    let _ = request.respond(response);
}

type Answer = (u16, Option<String>, Vec<u8>);

fn forward(request: &tiny_http::Request, body: &[u8], agent: &ureq::Agent, to: &str) -> Answer {
    let mut onward = ureq::http::Request::builder()
        .method(request.method().as_str())
        .uri(format!("{to}{}", request.url()));
    for header in request.headers() {
        let name = header.field.as_str().as_str().to_ascii_lowercase();
        if name.starts_with("x-clickhouse-") {
            onward = onward.header(name, header.value.as_str());
        }
    }
    let gone = (502, None, b"<html>Bad Gateway</html>".to_vec());
    let Ok(mut response) = agent.run(onward.body(body).expect("a request")) else {
        return gone;
    };
    let code = response.headers().get("x-clickhouse-exception-code");
    let code = code.and_then(|v| v.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let mut text = Vec::new();
    match response.body_mut().as_reader().read_to_end(&mut text) {
        Ok(_) => (status, code, text),
        Err(_) => gone,
    }
}
