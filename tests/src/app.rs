//! The platform as a process.

use crate::{Client, Stores, wait_for};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a parent")
        .to_path_buf()
}

/// The `assay` binary: `ASSAY_BIN`, or the release build.
#[must_use]
pub fn assay_bin() -> PathBuf {
    std::env::var_os("ASSAY_BIN")
        .map_or_else(|| repository().join("target/release/assay"), PathBuf::from)
}

/// How to start a platform.
pub struct AppBuilder {
    stores: Stores,
    data: PathBuf,
    listen: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
}

impl AppBuilder {
    /// One more argument of `assay up`.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Where to listen, in place of a free port of loopback.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// One more setting.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The command, ready to run.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(assay_bin());
        command
            .current_dir(repository())
            .args(["up", "--listen", &self.listen, "--data-dir"])
            .arg(&self.data)
            // Compiled once for all tests, not once a data folder.
            .env("ASSAY_CACHE_DIR", repository().join("target/aot"))
            .env("ASSAY_INIT_WORKSPACE", "Test")
            .env("ASSAY_INIT_OWNER_EMAIL", "owner@example.com")
            .env("ASSAY_INIT_PUBLIC_KEY", Client::PUBLIC)
            .env("ASSAY_INIT_SECRET_KEY", Client::SECRET)
            // Tests of what is refused fail often, and all of them from one address.
            .env("ASSAY_RATE_LIMIT_FAILURES", "0")
            .envs(self.stores.environment())
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .args(&self.args)
            .stdin(Stdio::null());
        if let Some(config) = self.stores.runtime_config(&self.data) {
            command.arg("--runtime-config").arg(config);
        }
        command
    }

    /// Starts the platform and waits until it answers.
    ///
    /// # Panics
    /// When it does not come up, with what it said.
    #[must_use]
    pub fn start(self) -> App {
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the assay binary is built");
        let log = Arc::new(Mutex::new(String::new()));
        let (tx, rx) = std::sync::mpsc::channel();
        let stdout = child.stdout.take().expect("stdout");
        let stderr = child.stderr.take().expect("stderr");
        let to = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("assay listening on ") {
                    let _ = tx.send(url.trim().to_owned());
                }
                to.lock().expect("log").push_str(&format!("{line}\n"));
            }
        });
        let to = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                to.lock().expect("log").push_str(&format!("{line}\n"));
            }
        });
        let mut app = App {
            child,
            log,
            url: String::new(),
            dir: None,
        };
        match rx.recv_timeout(std::time::Duration::from_secs(120)) {
            Ok(url) => app.url = url,
            Err(_) => panic!("the platform did not come up:\n{}", app.log()),
        }
        app
    }

    /// Starts the platform where it must refuse; gives its exit code and what it said.
    ///
    /// # Panics
    /// When it neither refuses nor ends within a minute.
    #[must_use]
    pub fn start_refused(self) -> (i32, String) {
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("spawn");
        let status = wait_for("the platform ends", 60, || child.try_wait().expect("wait"));
        let mut said = String::new();
        child
            .stdout
            .take()
            .expect("stdout")
            .read_to_string(&mut said)
            .expect("read");
        child
            .stderr
            .take()
            .expect("stderr")
            .read_to_string(&mut said)
            .expect("read");
        (status.code().unwrap_or(-1), said)
    }
}

/// A running platform; ends with its value.
pub struct App {
    child: Child,
    log: Arc<Mutex<String>>,
    /// Where it answers.
    pub url: String,
    dir: Option<tempfile::TempDir>,
}

impl App {
    /// A platform whose data is in `data`.
    #[must_use]
    pub fn at(data: &Path, stores: &Stores) -> AppBuilder {
        std::fs::create_dir_all(data).expect("create the data folder");
        AppBuilder {
            stores: stores.clone(),
            data: data.to_path_buf(),
            listen: "127.0.0.1:0".to_owned(),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// A platform with data of its own, started.
    #[must_use]
    pub fn start(stores: &Stores) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut app = Self::at(dir.path(), stores).start();
        app.dir = Some(dir);
        app
    }

    /// A client with the first owner's key.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// What it said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().expect("log").clone()
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// Asks it to end and gives its exit code.
    pub fn terminate(&mut self) -> i32 {
        let status = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status()
            .expect("kill");
        assert!(status.success());
        wait_for("the platform ends", 60, || {
            self.child.try_wait().expect("wait")
        })
        .code()
        .unwrap_or(-1)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- what the platform said ---\n{}", self.log());
        }
    }
}
