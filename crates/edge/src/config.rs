//! The installation's settings, read once an instance from Spin variables.

use crate::problem::{Problem, ProblemKind};
use spin_sdk::variables;
use url::Url;

/// Which private addresses user-given URLs may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrivateTargets {
    /// None: the default.
    Denied,
    /// `127.0.0.0/8`, `::1` and `localhost`: a platform that listens on loopback tests agents on loopback.
    Loopback,
    /// All of them: the operator vouches for the network.
    All,
}

/// What the operator set.
#[derive(Clone)]
pub struct Config {
    /// Postgres URL; embedded SQLite when empty.
    pub database_url: String,
    /// ClickHouse HTTP URL; traces rest in embedded SQLite when empty.
    pub clickhouse_url: String,
    /// ClickHouse user.
    pub clickhouse_user: String,
    /// ClickHouse password.
    pub clickhouse_password: String,
    /// ClickHouse database.
    pub clickhouse_database: String,
    /// After so many days ClickHouse itself lets go of what was traced; 0 is never.
    pub clickhouse_ttl_days: u32,
    /// 32 bytes in base64; made and kept in the database when empty.
    pub encryption_key: String,
    /// Signs calls between components; made and kept in the database when empty.
    pub internal_key: String,
    /// Proves the operator at `POST /api/v1/setup`; the route is off when empty.
    pub setup_token: String,
    /// First workspace's name.
    pub init_workspace: String,
    /// First owner's e-mail address.
    pub init_owner_email: String,
    /// First key pair, public part.
    pub init_public_key: String,
    /// First key pair, secret part.
    pub init_secret_key: String,
    /// Where people reach the platform.
    pub public_url: String,
    /// Which private addresses user-given URLs may reach.
    pub private_targets: PrivateTargets,
    /// Requests a minute that a key may make; 0 is no limit.
    pub rate_limit_per_key: u32,
    /// Failed attempts a minute that an address may make; 0 is no limit.
    pub rate_limit_failures: u32,
    /// Whether a proxy of the operator's writes `x-forwarded-for`.
    pub trust_forwarded_for: bool,
    /// Most bytes of memory that bodies of traces, and what is made of them, take in an instance at once.
    pub ingest_bytes: usize,
    /// Most bytes of batches that wait in the spool.
    pub spool_bytes: i64,
}

/// Mebibytes that bodies of traces may take in an instance at once where the operator does not say: a quarter of its memory.
const INGEST_MIB: u32 = 128;
/// Mebibytes that the spool may hold where the operator does not say: a night of some ten spans a second.
const SPOOL_MIB: u32 = 1024;
/// Most mebibytes that a variable may say.
const MAX_MIB: u32 = 1 << 20;

/// Failed attempts a minute that an address may make where the operator does not say.
const FAILURES: u32 = 30;

/// One variable of the component; empty when it has none of that name.
///
/// # Errors
/// `misconfigured` when the engine cannot read it.
pub async fn variable(name: &str) -> Result<String, Problem> {
    match variables::get(name).await {
        Ok(value) => Ok(value.trim().to_owned()),
        Err(variables::Error::Undefined(_)) => Ok(String::new()),
        Err(e) => Err(Problem::new(
            ProblemKind::Misconfigured,
            format!("The variable `{name}` cannot be read."),
        )
        .caused_by(format!("{e:?}"))),
    }
}

/// A variable that is a number of mebibytes, 1 or more.
async fn mebibytes(name: &str, default: u32) -> Result<u32, Problem> {
    let text = variable(name).await?;
    let mebibytes = if text.is_empty() {
        Some(default)
    } else {
        text.parse().ok().filter(|n| (1..=MAX_MIB).contains(n))
    };
    mebibytes.ok_or_else(|| {
        let detail = format!("`{name}` is `{text}`; use a number of MiB from 1 to {MAX_MIB}.");
        Problem::new(ProblemKind::Misconfigured, detail)
    })
}

/// A variable that is a number.
async fn number(name: &str, default: u32) -> Result<u32, Problem> {
    let text = variable(name).await?;
    if text.is_empty() {
        return Ok(default);
    }
    text.parse().map_err(|_| {
        let detail = format!("`{name}` is `{text}`; use a number, or 0 for no limit.");
        Problem::new(ProblemKind::Misconfigured, detail)
    })
}

impl Config {
    /// Whether people reach the platform over https, so that cookies can insist on it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether a user-given URL leads to a store of the operator's, which the engine lets through.
    pub(crate) fn is_own_store(&self, url: &Url) -> bool {
        let same = |own: &str| {
            let own = Url::parse(own).ok();
            own.is_some_and(|own| {
                let port = own.port_or_known_default().or(Some(5432));
                let hosts = own.host_str().zip(url.host_str());
                hosts.is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
                    && port == url.port_or_known_default()
            })
        };
        [&self.database_url, &self.clickhouse_url]
            .iter()
            .any(|own| !own.is_empty() && same(own))
    }

    pub(crate) async fn read() -> Result<Self, Problem> {
        let private_targets = match variable("allow_private_targets").await?.as_str() {
            "" | "none" | "false" => PrivateTargets::Denied,
            "loopback" => PrivateTargets::Loopback,
            "all" | "true" => PrivateTargets::All,
            other => {
                let detail =
                    format!("`allow_private_targets` is `{other}`; use none, loopback or all.");
                return Err(Problem::new(ProblemKind::Misconfigured, detail));
            }
        };
        let database_url = variable("database_url").await?;
        if !database_url.is_empty() && !database_url.starts_with("postgres") {
            return Err(Problem::new(
                ProblemKind::Misconfigured,
                "`database_url` must be a postgres:// URL or empty.",
            ));
        }
        let clickhouse_database = variable("clickhouse_database").await?;
        Ok(Self {
            database_url,
            clickhouse_url: variable("clickhouse_url")
                .await?
                .trim_end_matches('/')
                .to_owned(),
            clickhouse_user: variable("clickhouse_user").await?,
            clickhouse_password: variable("clickhouse_password").await?,
            clickhouse_database: if clickhouse_database.is_empty() {
                "default".into()
            } else {
                clickhouse_database
            },
            clickhouse_ttl_days: number("clickhouse_ttl_days", 0).await?,
            encryption_key: variable("encryption_key").await?,
            internal_key: variable("internal_key").await?,
            setup_token: variable("setup_token").await?,
            init_workspace: variable("init_workspace").await?,
            init_owner_email: variable("init_owner_email").await?,
            init_public_key: variable("init_public_key").await?,
            init_secret_key: variable("init_secret_key").await?,
            public_url: variable("public_url")
                .await?
                .trim_end_matches('/')
                .to_owned(),
            private_targets,
            rate_limit_per_key: number("rate_limit_per_key", 0).await?,
            rate_limit_failures: number("rate_limit_failures", FAILURES).await?,
            trust_forwarded_for: variable("trust_forwarded_for").await? == "true",
            // Where an address has 32 bits, more is all there is.
            ingest_bytes: mebibytes("ingest_memory_mib", INGEST_MIB)
                .await
                .map(|mib| usize::try_from(u64::from(mib) << 20).unwrap_or(usize::MAX))?,
            spool_bytes: i64::from(mebibytes("spool_max_mib", SPOOL_MIB).await?) << 20,
        })
    }
}
