//! Requests from outside: routes, headers, limits, failures.

use std::time::{Duration, Instant};

use crate::support::{self, App, answer, eventually, is};
use bytes::Bytes;
use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routes_headers_and_variables() {
    let app = App::new(
        r#"
[[trigger.http]]
route = "/hello"
component = "hello"
[[trigger.http]]
route = "/g/:id/..."
component = "guest"
[[trigger.http]]
route = { private = true }
component = "hidden"
[[trigger.http]]
route = "/robots.txt"
static_response = { status_code = 203, headers = { x-a = "b" }, body = "none" }
[component.hello]
source = "hello.wasm"
[component.guest]
source = "guest.wasm"
environment = { GREETING = "hi" }
[component.guest.variables]
mixed = "a-b"
[component.hidden]
source = "hello.wasm"
"#,
    );
    let running = app.start().await;
    is(running.get("/hello").await, 200, "Hello, world!");
    is(running.get("/g/1/env/GREETING").await, 200, "hi");
    is(running.get("/g/1/var/mixed").await, 200, "a-b");
    is(running.get("/robots.txt").await, 203, "none");
    assert_eq!(running.get("/g/1/var/nope").await.0, 404);
    assert_eq!(running.get("/hidden").await.0, 404);
    assert_eq!(running.get("/hello/x").await.0, 404);
    is(running.get("/.well-known/spin/health").await, 200, "OK");
    is(
        running.get("/.well-known/spin/info").await,
        200,
        r#"{"name":"fixture","version":"1.2.3"}"#,
    );
    is(running.get("/healthz").await, 200, r#"{"status":"ok"}"#);

    let request = Request::get(running.url("/g/7/headers/x?q=1"))
        .header("spin-client-addr", "forged")
        .header("x-request-id", "mine-1")
        .header("connection", "x-hop")
        .body(Bytes::new())
        .unwrap();
    let response = running.send(request).await;
    assert_eq!(response.headers()["x-request-id"], "mine-1");
    let text = answer(response).1;
    let address = running.server.addr();
    for line in [
        "spin-path-info: /headers/x".to_owned(),
        format!("spin-full-url: http://{address}/g/7/headers/x?q=1"),
        "spin-matched-route: /g/:id/...".to_owned(),
        "spin-raw-component-route: /g/:id/...".to_owned(),
        "spin-component-route: /g/:id".to_owned(),
        "spin-base-path: /".to_owned(),
        "spin-path-match-id: 7".to_owned(),
        "x-request-id: mine-1".to_owned(),
        format!("uri: http://{address}/g/7/headers/x?q=1"),
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    assert!(text.contains("spin-client-addr: 127.0.0.1:"), "{text}");
    assert!(!text.contains("connection:"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_without_a_socket() {
    let running = App::guest().start().await;
    let request = Request::get("/env/GREETING").body(Bytes::new()).unwrap();
    is(
        answer(running.server.call("guest", request).await.unwrap()),
        200,
        "hi",
    );
    let request = Request::get("/").body(Bytes::new()).unwrap();
    let error = running.server.call("nobody", request).await.unwrap_err();
    assert_eq!(error.to_string(), "no component `nobody`");
    assert_eq!(running.server.app().components[0].routes, ["/..."]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_bodies_are_refused() {
    let mut app = App::guest();
    app.options.limits.max_body_bytes = 1000;
    let running = app.start().await;
    is(running.post("/body", vec![0; 1000]).await, 200, "1000");
    let (status, text) = running.post("/body", vec![0; 1001]).await;
    assert_eq!(status, 413);
    assert!(text.contains("urn:assay:host:body-too-large"), "{text}");

    // Without a length the limit shows while the body streams, whatever the component makes of it.
    let chunk = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600));
    let head =
        "POST /body HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let text = raw(&running, &format!("{head}{chunk}{chunk}0\r\n\r\n"), false).await;
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");
    // A body that breaks off is no body.
    let text = raw(
        &running,
        "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc",
        true,
    )
    .await;
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 400"),
        "{text}"
    );
    for bad in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: guest.spin.internal\r\n\r\n",
        "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST /body HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "\0\0\0\r\n\r\n",
    ] {
        let text = raw(&running, bad, true).await;
        assert!(
            text.is_empty() || text.starts_with("HTTP/1.1 4"),
            "{bad:?}: {text}"
        );
    }
    is(running.get("/env/GREETING").await, 200, "hi");
}

/// What the server sends back until it closes. `break_off`: the client stops in the middle of its request.
async fn raw(running: &support::Running, request: &str, break_off: bool) -> String {
    let mut stream = tokio::net::TcpStream::connect(running.server.addr())
        .await
        .unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    if break_off {
        stream.shutdown().await.unwrap();
    }
    let mut text = Vec::new();
    _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut text))
        .await
        .unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_requests_are_turned_away() {
    let mut app = App::guest();
    app.options.limits.max_concurrent_requests = 2;
    let running = app.start().await;
    let (a, b, c) = tokio::join!(
        running.get("/sleep/2500"),
        running.get("/sleep/2500"),
        async {
            tokio::time::sleep(Duration::from_millis(1000)).await;
            running
                .send(
                    Request::get(running.url("/sleep/1"))
                        .body(Bytes::new())
                        .unwrap(),
                )
                .await
        }
    );
    is(a, 200, "slept");
    is(b, 200, "slept");
    assert_eq!(c.status(), 503);
    assert_eq!(c.headers()["retry-after"], "1");
    assert_eq!(c.headers()["content-type"], "application/problem+json");
    is(running.get("/sleep/1").await, 200, "slept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_loop_ends_and_its_neighbours_do_not_notice() {
    let mut app = App::guest();
    app.options.limits.request_timeout = Duration::from_millis(600);
    let running = app.start().await;
    is(running.get("/env/GREETING").await, 200, "hi");
    let start = Instant::now();
    let neighbours = async {
        for _ in 0..20 {
            is(running.get("/env/GREETING").await, 200, "hi");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (first, second, ()) = tokio::join!(running.get("/loop"), running.get("/loop"), neighbours);
    assert_eq!((first.0, second.0), (504, 504), "{first:?}");
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    is(running.get("/env/GREETING").await, 200, "hi");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_and_a_glutton_are_failures_of_one_instance() {
    let mut app = App::guest();
    app.options.limits.max_memory_bytes = 64 << 20;
    let running = app.start().await;
    for task in ["/panic", "/eat"] {
        let (status, text) = running.get(task).await;
        assert_eq!(status, 500, "{text}");
        assert!(text.contains("urn:assay:host:component-failed"), "{text}");
        assert!(!text.contains("wasm"), "no internals: {text}");
        is(running.get("/env/GREETING").await, 200, "hi");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_stream_and_idle_instances_go() {
    let mut app = App::guest();
    app.options.limits.instance_idle = Duration::from_millis(100);
    let running = app.start().await;
    is(running.get("/stream/3/10").await, 200, "0;1;2;");
    tokio::time::sleep(Duration::from_millis(400)).await;
    is(running.get("/print/x").await, 200, "printed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_lets_work_finish() {
    let app = App::guest();
    let running = app.start().await;
    let address = running.server.addr();
    let slow = tokio::spawn({
        let url = running.url("/sleep/400");
        async move {
            let request = Request::get(url)
                .body(http_body_util::Full::<Bytes>::default())
                .unwrap();
            support::client()
                .request(request)
                .await
                .unwrap()
                .status()
                .as_u16()
        }
    });
    is(running.get("/after/late/300").await, 202, "");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    running.server.shutdown().await;
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(slow.await.unwrap(), 200);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    // The work after the response was done, and another server finds it.
    let again = app.start().await;
    is(again.get("/kv/get/default/late").await, 200, "after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_does_not_wait_for_ever() {
    let mut app = App::guest();
    app.options.limits.drain_timeout = Duration::from_millis(300);
    let running = app.start().await;
    is(running.get("/after/never/60000").await, 202, "");
    let start = Instant::now();
    running.server.shutdown().await;
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_at_once() {
    let running = std::sync::Arc::new(App::guest().start().await);
    let tasks: Vec<_> = (0..64)
        .map(|n| {
            let running = running.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    is(
                        running
                            .get(if n % 2 == 0 {
                                "/env/GREETING"
                            } else {
                                "/var/mixed"
                            })
                            .await,
                        200,
                        if n % 2 == 0 { "hi" } else { "w-s" },
                    );
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    eventually(|| async { running.get("/healthz").await.0 == 200 }).await;
}
