//! Database servers for the tests: started on free loopback ports, ended by process id, never touching one that runs already.

mod clickhouse;
mod guard;
mod llama;
mod postgres;
mod redis;

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

pub(crate) use guard::Guard;

use crate::provision::model::Model;
use crate::provision::{self, Need, find};
use crate::shell::say;

/// What end-to-end tests can run against, besides the embedded store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Store {
    /// Relational data.
    Postgres,
    /// Key-value data.
    Redis,
    /// Traces.
    Clickhouse,
    /// Not a store, but provisioned and counted like one: the browser.
    Chromium,
}

impl Store {
    /// All of them, in the order of the report.
    pub(crate) const ALL: [Self; 4] = [
        Self::Postgres,
        Self::Redis,
        Self::Clickhouse,
        Self::Chromium,
    ];

    /// As it occurs in the names of tests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Clickhouse => "clickhouse",
            Self::Chromium => "chromium",
        }
    }

    /// What must be installed for it.
    pub(crate) fn need(self) -> &'static Need {
        match self {
            Self::Postgres => &provision::POSTGRES,
            Self::Redis => &provision::REDIS,
            Self::Clickhouse => &provision::PYTHON,
            Self::Chromium => &provision::CHROMIUM,
        }
    }
}

/// Running servers, and how tests find them. Dropping it ends them.
#[derive(Default)]
pub(crate) struct Servers {
    /// For the tests' environment.
    pub(crate) variables: Vec<(String, String)>,
    guards: Vec<Guard>,
}

impl Servers {
    /// Starts the given stores, and the model server when there is a model.
    pub(crate) fn start(stores: &[Store], model: Option<&Model>) -> Result<Self> {
        let mut servers = Self::default();
        for store in stores {
            match store {
                Store::Postgres => servers.add(postgres::start()?),
                Store::Redis => servers.add(redis::start()?),
                Store::Clickhouse => servers.add(clickhouse::start()?),
                Store::Chromium => {
                    let path = find::chromium().context("there is no Chromium")?;
                    servers.variables.push((
                        "ASSAY_TEST_CHROMIUM".into(),
                        path.to_string_lossy().into_owned(),
                    ));
                }
            }
        }
        if let Some(model) = model {
            servers.add(llama::start(model)?);
        }
        Ok(servers)
    }

    fn add(&mut self, (guard, variables): Started) {
        if let Some((_, address)) = variables.first() {
            say(format!(
                "{} (process {}) at {address}",
                guard.name(),
                guard.id()
            ));
        }
        self.guards.push(guard);
        self.variables.extend(
            variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
    }
}

/// A running server and its variables, the address first.
type Started = (Guard, Vec<(&'static str, String)>);

/// A port that was free a moment ago. A server that loses the race says so in its log, and the run fails.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?.port())
}
