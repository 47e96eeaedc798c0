//! The stores a platform is started on.

use std::path::Path;

/// Where a platform keeps its data.
#[derive(Debug, Clone, Default)]
pub struct Stores {
    /// Postgres URL of a database of this test's own.
    pub postgres: Option<String>,
    /// Redis URL.
    pub redis: Option<String>,
    /// ClickHouse URL, user, password, database.
    pub clickhouse: Option<(String, String, String, String)>,
}

fn given(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|v| !v.is_empty());
    if value.is_none() {
        eprintln!("SKIPPED: {name} is not set; run `cargo xtask test`");
    }
    value
}

impl Stores {
    /// The embedded stores, which need nothing.
    #[must_use]
    pub fn embedded() -> Self {
        Self::default()
    }

    /// A fresh database in the Postgres of `ASSAY_TEST_POSTGRES_URL`.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        let server = given("ASSAY_TEST_POSTGRES_URL")?;
        let name = format!("t_{}", uuid::Uuid::now_v7().simple());
        let mut client =
            postgres::Client::connect(&server, postgres::NoTls).expect("connect to Postgres");
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .expect("create a database");
        let (base, _) = server.rsplit_once('/').expect("a database in the URL");
        Some(Self {
            postgres: Some(format!("{base}/{name}")),
            ..Self::default()
        })
    }

    /// Postgres for rows and Redis for keys: what replicas share.
    #[must_use]
    pub fn postgres_and_redis() -> Option<Self> {
        let redis = given("ASSAY_TEST_REDIS_URL")?;
        Some(Self {
            redis: Some(redis),
            ..Self::postgres()?
        })
    }

    /// A fresh database in the ClickHouse of `ASSAY_TEST_CLICKHOUSE_URL`, rows embedded.
    #[must_use]
    pub fn clickhouse() -> Option<Self> {
        let url = given("ASSAY_TEST_CLICKHOUSE_URL")?;
        let user = std::env::var("ASSAY_TEST_CLICKHOUSE_USER").unwrap_or_else(|_| "default".into());
        let password = std::env::var("ASSAY_TEST_CLICKHOUSE_PASSWORD").unwrap_or_default();
        let database = format!("t_{}", uuid::Uuid::now_v7().simple());
        ureq::post(&url)
            .header("X-ClickHouse-User", &user)
            .header("X-ClickHouse-Key", &password)
            .send(format!("CREATE DATABASE {database}"))
            .expect("create a ClickHouse database");
        Some(Self {
            clickhouse: Some((url, user, password, database)),
            ..Self::default()
        })
    }

    /// Postgres, Redis and ClickHouse: what replicas share, traces included.
    #[must_use]
    pub fn shared() -> Option<Self> {
        let shared = Self::postgres_and_redis()?;
        Some(Self {
            clickhouse: Self::clickhouse()?.clickhouse,
            ..shared
        })
    }

    /// A statement of the test's own to ClickHouse; what it answers.
    ///
    /// # Panics
    /// Where these stores are not in ClickHouse, or it refuses.
    #[must_use]
    pub fn ask_clickhouse(&self, sql: &str) -> String {
        let (url, user, password, database) = self.clickhouse.as_ref().expect("ClickHouse");
        ureq::post(&format!("{url}/?database={database}"))
            .header("X-ClickHouse-User", user)
            .header("X-ClickHouse-Key", password)
            .send(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
            .body_mut()
            .read_to_string()
            .expect("an answer of ClickHouse")
    }

    /// Settings for the platform's process.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut env = Vec::new();
        if let Some(url) = &self.postgres {
            env.push(("ASSAY_DATABASE_URL", url.clone()));
        }
        if let Some((url, user, password, database)) = &self.clickhouse {
            env.push(("ASSAY_CLICKHOUSE_URL", url.clone()));
            env.push(("ASSAY_CLICKHOUSE_USER", user.clone()));
            env.push(("ASSAY_CLICKHOUSE_PASSWORD", password.clone()));
            env.push(("ASSAY_CLICKHOUSE_DATABASE", database.clone()));
        }
        env
    }

    /// The runtime configuration, where one is needed.
    #[must_use]
    pub fn runtime_config(&self, dir: &Path) -> Option<std::path::PathBuf> {
        let redis = self.redis.as_ref()?;
        let file = dir.join("runtime-config.toml");
        let text = format!("[key_value_store.default]\ntype = \"redis\"\nurl = \"{redis}\"\n");
        std::fs::write(&file, text).expect("write the runtime configuration");
        Some(file)
    }
}
