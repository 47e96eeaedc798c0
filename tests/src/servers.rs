//! Store servers of one test's own, which it may kill, freeze and start again. Those that all tests share live on.

use crate::{Stores, repository, wait_for};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Sends a signal to a process.
fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(sent.success(), "kill {name}");
}

fn program(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).filter(|v| !v.is_empty());
    if found.is_none() {
        eprintln!("SKIPPED: {variable} is not set; run `cargo xtask test`");
    }
    found.map(PathBuf::from)
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// The engine of ClickHouse, whose data outlives its process.
pub struct ClickHouseServer {
    python: PathBuf,
    folder: TempDir,
    port: u16,
    child: Child,
}

const USER: &str = "assay";
const PASSWORD: &str = "of-this-test";

impl ClickHouseServer {
    /// Starts it, where it is installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        let python = program("ASSAY_TEST_CLICKHOUSE_ENGINE")?;
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let child = Self::spawn(&python, &folder, port);
        Some(Self {
            python,
            folder,
            port,
            child,
        })
    }

    fn spawn(python: &Path, folder: &TempDir, port: u16) -> Child {
        let mut child = Command::new(python)
            .arg(repository().join("tools/chdb_http.py"))
            .args(["--port", &port.to_string(), "--user", USER])
            .args(["--password", PASSWORD, "--dir"])
            .arg(folder.path().join("db"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the ClickHouse engine");
        let stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let listens = stdout
            .lines()
            .map_while(Result::ok)
            .any(|line| line.starts_with("listening on"));
        assert!(listens, "the ClickHouse engine did not come up");
        child
    }

    /// The interpreter that it runs in.
    #[must_use]
    pub fn python(&self) -> &Path {
        &self.python
    }

    /// Where traces are kept in it.
    #[must_use]
    pub fn stores(&self) -> Stores {
        let url = format!("http://127.0.0.1:{}", self.port);
        let [user, password, database] = [USER, PASSWORD, "durable"].map(str::to_owned);
        Stores {
            clickhouse: Some((url, user, password, database)),
            ..Stores::default()
        }
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// Starts it again, with its data and at its address.
    pub fn restart(&mut self) {
        self.child = Self::spawn(&self.python, &self.folder, self.port);
    }

    /// Stops it in the middle of whatever it does: it takes connections and answers nothing.
    pub fn freeze(&self) {
        signal("-STOP", &self.child);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        signal("-CONT", &self.child);
    }
}

impl Drop for ClickHouseServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A PostgreSQL whose acknowledged rows outlive its process, though not the machine.
pub struct PostgresServer {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
    child: Child,
}

impl PostgresServer {
    /// Makes a cluster and starts it, where PostgreSQL is installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        let bin = program("ASSAY_TEST_POSTGRES_BIN")?;
        let folder = tempfile::tempdir().expect("a folder");
        if let Some((user, group)) = unprivileged() {
            let owner = format!("{user}:{group}");
            let changed = Command::new("chown").arg(owner).arg(folder.path()).status();
            assert!(changed.expect("chown").success());
        }
        let made = Self::command(&bin, "initdb", &folder)
            .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "-D"])
            .arg(folder.path().join("data"))
            .output()
            .expect("initdb");
        assert!(made.status.success(), "{made:?}");
        let port = free_port();
        let child = Self::spawn(&bin, &folder, port);
        let mut server = Self {
            bin,
            folder,
            port,
            child,
        };
        server.serve();
        Some(server)
    }

    /// PostgreSQL refuses to run as root, so root runs it as another user.
    fn command(bin: &Path, program: &str, folder: &TempDir) -> Command {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new(bin.join(program));
        command.current_dir(folder.path()).env("LC_ALL", "C");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        command
    }

    fn spawn(bin: &Path, folder: &TempDir, port: u16) -> Child {
        let mut command = Self::command(bin, "postgres", folder);
        command.arg("-D").arg(folder.path().join("data"));
        command.arg("-k").arg(folder.path());
        command.args(["-p", &port.to_string()]);
        // What is acknowledged is with the system, which outlives the process; nothing is forced to the disk.
        for setting in [
            "listen_addresses=127.0.0.1",
            "fsync=off",
            "synchronous_commit=on",
        ] {
            command.args(["-c", setting]);
        }
        command.spawn().expect("postgres")
    }

    /// Waits until it serves. What a killed one left may have to end first: then it gives up, and is started again.
    fn serve(&mut self) {
        wait_for("PostgreSQL serves", 30, || {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                self.child = Self::spawn(&self.bin, &self.folder, self.port);
            }
            postgres::Client::connect(&self.url(), postgres::NoTls).ok()
        });
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// Starts it again, with its data and at its address.
    pub fn restart(&mut self) {
        self.child = Self::spawn(&self.bin, &self.folder, self.port);
        self.serve();
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // An immediate shutdown, which ends its helpers too.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        let _ = self.child.wait();
    }
}

/// Whom root runs PostgreSQL as; none for who is not root.
fn unprivileged() -> Option<(u32, u32)> {
    let number = |args: &[&str]| -> Option<u32> {
        let said = Command::new("id").args(args).output().ok()?;
        String::from_utf8(said.stdout).ok()?.trim().parse().ok()
    };
    if number(&["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| Some((number(&["-u", name])?, number(&["-g", name])?)))
}
