//! Fixture components, and a server that runs them.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
};

use assay_host::{Options, Server};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

/// Builds the fixtures, once per test program; Cargo sees to it that only the first one waits.
pub(crate) fn fixtures() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = here.parent().unwrap().join("target/fixtures");
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--release",
                "--locked",
                "--target",
                "wasm32-wasip2",
                "--target-dir",
            ])
            .arg(&target)
            .current_dir(here.join("tests/fixtures"))
            .status()
            .unwrap();
        assert!(
            status.success(),
            "the fixtures do not build; `rustup target add wasm32-wasip2`?"
        );
        target.join("wasm32-wasip2/release")
    })
}

/// Compiled fixtures are kept between tests.
pub(crate) fn cache() -> PathBuf {
    fixtures().parent().unwrap().join("host-aot")
}

/// A manifest in a folder of its own.
pub(crate) struct App {
    pub(crate) folder: Arc<tempfile::TempDir>,
    pub(crate) options: Options,
}

pub(crate) const HEAD: &str =
    "spin_manifest_version = 2\n[application]\nname = \"fixture\"\nversion = \"1.2.3\"\n";

impl App {
    pub(crate) fn new(manifest: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let path = folder.path().join("spin.toml");
        let head = if manifest.contains("spin_manifest_version") {
            ""
        } else {
            HEAD
        };
        std::fs::write(&path, format!("{head}{manifest}")).unwrap();
        let mut options = Options::new(path, folder.path().join("data"));
        options.component_dir = Some(fixtures().to_owned());
        options.cache_dir = Some(cache());
        options.listen = "127.0.0.1:0".parse().unwrap();
        options.limits.max_instances = 64;
        Self { folder, options }
    }

    /// One component at `/...` that may do everything with `default`.
    pub(crate) fn guest() -> Self {
        Self::new(GUEST)
    }

    pub(crate) async fn start(&self) -> Running {
        // `RUST_LOG=debug cargo test -- --nocapture` shows the engine's log.
        _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .try_init();
        Running {
            server: Server::start(self.options.clone()).await.unwrap(),
            client: client(),
            _folder: self.folder.clone(),
        }
    }

    pub(crate) async fn start_error(&self) -> String {
        let error = Server::start(self.options.clone())
            .await
            .expect_err("it must not start")
            .to_string();
        assert!(!error.contains('\n'), "one line: {error}");
        error
    }
}

pub(crate) const GUEST: &str = r#"
[variables]
word = { default = "w" }
secret = { default = "s", secret = true }
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "guest.wasm"
key_value_stores = ["default"]
sqlite_databases = ["default"]
allowed_outbound_hosts = ["http://*.spin.internal"]
environment = { GREETING = "hi" }
variables = { mixed = "{{ word }}-{{ secret }}" }
"#;

pub(crate) struct Running {
    pub(crate) server: Server,
    client: HttpClient,
    _folder: Arc<tempfile::TempDir>,
}

pub(crate) type HttpClient =
    Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>;

pub(crate) fn client() -> HttpClient {
    Client::builder(TokioExecutor::new()).build_http()
}

impl Running {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.addr())
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let response = self.client.request(request.map(Full::new)).await.unwrap();
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let request = Request::get(self.url(path)).body(Bytes::new()).unwrap();
        answer(self.send(request).await)
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Bytes>) -> (u16, String) {
        let request = Request::post(self.url(path)).body(body.into()).unwrap();
        answer(self.send(request).await)
    }
}

pub(crate) fn answer(response: Response<Bytes>) -> (u16, String) {
    (
        response.status().as_u16(),
        String::from_utf8(response.into_body().to_vec()).unwrap(),
    )
}

#[track_caller]
pub(crate) fn is(got: (u16, String), status: u16, text: &str) {
    assert_eq!((got.0, got.1.as_str()), (status, text));
}

/// `check` until it is true, or the test fails.
pub(crate) async fn eventually<F: Future<Output = bool>>(check: impl Fn() -> F) {
    for _ in 0..500 {
        if check().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it never came true");
}
