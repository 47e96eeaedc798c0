//! Requests that components make.

use std::time::{Duration, Instant};

use crate::support::{self, App, eventually, is};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const CHAIN: &str = r#"
[[trigger.http]]
route = "/..."
component = "chain"
[[trigger.http]]
route = { private = true }
component = "check"
[component.chain]
source = "guest.wasm"
key_value_stores = ["default"]
sqlite_databases = ["default"]
allowed_outbound_hosts = ["http://*.spin.internal", "http://self"]
[component.check]
source = "guest.wasm"
environment = { HOME = "here" }
"#;

/// A server that answers each request with `response`, and the port it listens on.
async fn upstream(response: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                _ = stream.read(&mut buffer).await;
                _ = stream.write_all(response.as_bytes()).await;
            });
        }
    });
    port
}

fn guest_with(hosts: &str) -> App {
    App::new(&support::GUEST.replace("\"http://*.spin.internal\"", hosts))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn components_call_each_other() {
    let running = App::new(CHAIN).start().await;
    is(
        running
            .get("/get/?http://check.spin.internal/env/HOME")
            .await,
        200,
        "200 here",
    );
    is(
        running
            .get("/get/?http://chain.spin.internal/var/nope")
            .await
            .1
            .get(..3)
            .map_or((0, String::new()), |s| (200, s.into())),
        200,
        "404",
    );
    let (_, text) = running
        .get("/get/?http://check.spin.internal/headers/a/b")
        .await;
    for line in [
        "spin-path-info: /headers/a/b",
        "spin-matched-route: /...",
        "spin-client-addr: 0.0.0.0:0",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    // By way of the public routes.
    is(
        running.get("/get/?http://self.alt/env/NONE").await,
        200,
        "200 ",
    );
    assert_eq!(
        running.get("/get/?http://nobody.spin.internal/").await.0,
        502
    );
    assert!(
        running
            .get("/get/?http://check.spin.internal/panic")
            .await
            .0
            == 502
    );
    is(
        running
            .get("/get/?http://check.spin.internal/env/HOME")
            .await,
        200,
        "200 here",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_steps_after_their_responses() {
    let running = App::new(CHAIN).start().await;
    is(running.get("/step/run/0/199").await, 202, "");
    eventually(|| async { running.get("/count/run").await.1 == "200" }).await;
}

/// `cargo test --release -- --ignored --nocapture durable`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn durable_steps_per_second() {
    let running = App::new(CHAIN).start().await;
    is(running.get("/step/warm/0/50").await, 202, "");
    eventually(|| async { running.get("/count/warm").await.1 == "51" }).await;
    for (runs, steps) in [(1, 500), (4, 500), (16, 200)] {
        let start = Instant::now();
        for run in 0..runs {
            is(
                running
                    .get(&format!("/step/{runs}-{run}/0/{}", steps - 1))
                    .await,
                202,
                "",
            );
        }
        let expected = steps.to_string();
        for run in 0..runs {
            eventually(|| async {
                running.get(&format!("/count/{runs}-{run}")).await.1 == expected
            })
            .await;
        }
        let rate = f64::from(runs * steps) / start.elapsed().as_secs_f64();
        println!("{runs} runs of {steps} steps: {rate:.0} steps/s");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_allowed_hosts_are_reached() {
    let ok = upstream("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let redirect = upstream("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let running = guest_with(&format!(
        "\"http://127.0.0.1:{ok}\", \"http://localhost:{redirect}\""
    ))
    .start()
    .await;
    is(
        running.get(&format!("/get/?http://127.0.0.1:{ok}/")).await,
        200,
        "200 ok",
    );
    // The component decides whether to follow.
    is(
        running
            .get(&format!("/get/?http://localhost:{redirect}/"))
            .await,
        200,
        "302 ",
    );
    for denied in [
        format!("http://localhost:{ok}/"),
        format!("http://127.0.0.1:{redirect}/"),
        format!("https://127.0.0.1:{ok}/"),
        format!("http://127.0.0.1.example.com:{ok}/"),
        "http://guest.spin.internal/".to_owned(),
        "http://self.alt/".to_owned(),
    ] {
        let (status, text) = running.get(&format!("/get/?{denied}")).await;
        assert_eq!(status, 502, "{denied}");
        assert!(text.contains("HttpRequestDenied"), "{denied}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_networks_are_blocked_by_address() {
    let port =
        upstream("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let mut app = guest_with("\"http://*:*\"");
    app.options.networks.block_private = true;
    let running = app.start().await;
    // `localhost` is a name that resolves to a private address: what a rebinding name does.
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let (status, text) = running.get(&format!("/get/?http://{host}:{port}/")).await;
        assert_eq!(status, 502, "{host}");
        assert!(text.contains("DestinationIpProhibited"), "{host}: {text}");
    }
    running.server.shutdown().await;
    app.options.networks.exceptions = vec![format!("127.0.0.1:{port}")];
    let running = app.start().await;
    is(
        running
            .get(&format!("/get/?http://127.0.0.1:{port}/"))
            .await,
        200,
        "200 ok",
    );
    assert_eq!(
        running
            .get(&format!("/get/?http://localhost:{port}/"))
            .await
            .0,
        502
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_of_an_upstream_are_told_apart() {
    let running = guest_with("\"*://*:*\"").start().await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let plain = upstream("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let nonsense = upstream("what?").await;
    for (url, expected) in [
        (format!("http://127.0.0.1:{closed}/"), "ConnectionRefused"),
        (format!("https://127.0.0.1:{plain}/"), "TlsProtocolError"),
        (format!("http://127.0.0.1:{nonsense}/"), "HttpProtocolError"),
        ("http://no-such-host.invalid/".to_owned(), "DnsError"),
    ] {
        let (status, text) = running.get(&format!("/get/?{url}")).await;
        assert_eq!(status, 502, "{url}: {text}");
        assert!(text.contains(expected), "{url}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chained_calls_wait_for_an_instance() {
    let mut app = App::new(CHAIN);
    app.options.limits.max_instances = 2;
    app.options.limits.instance_concurrency = 1;
    app.options.limits.instance_idle = Duration::from_millis(50);
    let running = app.start().await;
    is(
        running
            .get("/get/?http://check.spin.internal/env/HOME")
            .await,
        200,
        "200 here",
    );
    let (a, b) = tokio::join!(
        running.get("/get/?http://check.spin.internal/sleep/200"),
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            running.get("/sleep/1").await
        }
    );
    is(a, 200, "200 slept");
    assert_eq!(b.0, 503, "{}", b.1);
}
