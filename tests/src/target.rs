//! Servers that play agents and models: they answer what the test says, and remember what they were asked.

use serde_json::{Value, json};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What to answer.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long to wait first.
    pub delay: Duration,
    /// What follows the body, each piece after a wait. It goes out at once, and the connection does not know how much will come.
    pub pieces: Vec<(Duration, Vec<u8>)>,
}

impl Reply {
    /// JSON, at once.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
            delay: Duration::ZERO,
            pieces: Vec::new(),
        }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// After a wait.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// With one more piece of the body, after a wait.
    #[must_use]
    pub fn then(mut self, wait: Duration, piece: &str) -> Self {
        self.pieces.push((wait, piece.as_bytes().to_vec()));
        self
    }

    /// Sends head, body and pieces in chunks.
    fn stream(self, to: &mut dyn Write) -> io::Result<()> {
        write!(
            to,
            "HTTP/1.1 {} OK\r\ntransfer-encoding: chunked\r\n",
            self.status
        )?;
        for (name, value) in &self.headers {
            write!(to, "{name}: {value}\r\n")?;
        }
        write!(to, "\r\n")?;
        let body = (Duration::ZERO, self.body);
        for (wait, piece) in std::iter::once(body).chain(self.pieces) {
            std::thread::sleep(wait);
            if !piece.is_empty() {
                write!(to, "{:x}\r\n", piece.len())?;
                to.write_all(&piece)?;
                write!(to, "\r\n")?;
            }
            to.flush()?;
        }
        write!(to, "0\r\n\r\n")?;
        to.flush()
    }
}

/// A chat completion that says `content`.
#[must_use]
pub fn chat(content: &str) -> Reply {
    Reply::json(
        200,
        &json!({
            "id": "c-1", "object": "chat.completion", "model": "scripted-1",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
        }),
    )
}

/// What the user said last in a chat request.
#[must_use]
pub fn last_user_message(request: &Value) -> &str {
    let messages = request["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    messages
        .iter()
        .rev()
        .find(|m| m["role"] == "user")
        .and_then(|m| m["content"].as_str())
        .unwrap_or_default()
}

/// A server on a free loopback port; ends with its value.
pub struct Server {
    /// Its base URL.
    pub url: String,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
    server: Arc<tiny_http::Server>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server that answers by path and body.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start(answer: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static) -> Self {
        let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").expect("a free port"));
        let url = format!("http://{}", server.server_addr());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let answer = Arc::new(answer);
        for _ in 0..16 {
            let (server, requests, stopped, answer) = (
                server.clone(),
                requests.clone(),
                stopped.clone(),
                answer.clone(),
            );
            std::thread::spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    let Ok(Some(mut request)) = server.recv_timeout(Duration::from_millis(200))
                    else {
                        continue;
                    };
                    let mut body = String::new();
                    let _ = request.as_reader().read_to_string(&mut body);
                    let body: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
                    let path = request.url().to_owned();
                    let headers: Vec<String> =
                        request.headers().iter().map(ToString::to_string).collect();
                    let seen = json!({"body": body, "headers": headers});
                    requests
                        .lock()
                        .expect("requests")
                        .push((path.clone(), seen));
                    let reply = answer(&path, &body);
                    std::thread::sleep(reply.delay);
                    if !reply.pieces.is_empty() {
                        // Whoever has gone away hears nothing more.
                        let _ = reply.stream(&mut request.into_writer());
                        continue;
                    }
                    let mut response =
                        tiny_http::Response::from_data(reply.body).with_status_code(reply.status);
                    for (name, value) in reply.headers {
                        let header = tiny_http::Header::from_bytes(name, value).expect("a header");
                        response = response.with_header(header);
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

    /// What it was asked: path, and an object of `body` and `headers`.
    #[must_use]
    pub fn requests(&self) -> Vec<(String, Value)> {
        self.requests.lock().expect("requests").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.server.unblock();
    }
}
