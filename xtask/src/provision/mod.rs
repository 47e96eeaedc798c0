//! Gets what the tests need onto this machine, or says exactly what to install.

pub(crate) mod apt;
pub(crate) mod clients;
pub(crate) mod find;
pub(crate) mod model;
pub(crate) mod node;
pub(crate) mod oidc;
pub(crate) mod python;

use anyhow::{Result, bail};

use crate::servers::Store;
use crate::shell::{say, which};

/// A program that tests need and a package manager has.
pub(crate) struct Need {
    /// What a person calls it.
    pub(crate) name: &'static str,
    /// Debian's package.
    pub(crate) package: &'static str,
    /// How to get it elsewhere.
    pub(crate) elsewhere: &'static str,
    /// Whether it is here.
    pub(crate) present: fn() -> bool,
}

/// PostgreSQL's server programs.
pub(crate) const POSTGRES: Need = Need {
    name: "PostgreSQL 15 or newer (initdb, postgres)",
    package: "postgresql",
    elsewhere: "macOS: `brew install postgresql@17`; Fedora: `dnf install postgresql-server`; Arch: `pacman -S postgresql`",
    present: || find::postgres_bin().is_some(),
};

/// Redis.
pub(crate) const REDIS: Need = Need {
    name: "Redis 7 or newer (redis-server)",
    package: "redis-server",
    elsewhere: "macOS: `brew install redis`; Fedora: `dnf install redis`; Arch: `pacman -S redis`",
    present: || find::redis().is_some(),
};

/// A browser for the web app's tests.
pub(crate) const CHROMIUM: Need = Need {
    name: "Chromium",
    package: "chromium",
    elsewhere: "macOS: `brew install --cask chromium`; Fedora: `dnf install chromium`; Arch: `pacman -S chromium`; or any Google Chrome",
    present: || find::chromium().is_some(),
};

/// What makes the virtual environment of the ClickHouse engine.
pub(crate) const PYTHON: Need = Need {
    name: "Python 3.9 or newer with venv",
    package: "python3-venv",
    elsewhere: "macOS: `brew install python@3.12`; Fedora: `dnf install python3`; Arch: `pacman -S python`; \
                or put a current `clickhouse` on PATH, then no Python is needed",
    present: || find::clickhouse().is_some() || python::usable(),
};

/// What the commands of the documentation are made of.
const COMMANDS: [Need; 2] = [
    Need {
        name: "curl",
        package: "curl",
        elsewhere: "macOS has it; Fedora: `dnf install curl`; Arch: `pacman -S curl`",
        present: || which(&["curl"]).is_some(),
    },
    Need {
        name: "jq",
        package: "jq",
        elsewhere: "macOS: `brew install jq`; Fedora: `dnf install jq`; Arch: `pacman -S jq`",
        present: || which(&["jq"]).is_some(),
    },
];

/// Everything that the given stores need, and the documentation's commands where they are run. Fails with one line for each thing that is neither here nor to be had.
pub(crate) fn ensure(stores: &[Store], commands: bool) -> Result<()> {
    let mut missing: Vec<&Need> = stores
        .iter()
        .map(|store| store.need())
        .chain(COMMANDS.iter().filter(|_| commands))
        .filter(|need| !(need.present)())
        .collect();
    if !missing.is_empty() && apt::available() {
        let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
        say(format!("Installing {}", packages.join(", ")));
        if let Err(error) = apt::install(&packages) {
            eprintln!("{error:#}");
        }
        missing.retain(|need| !(need.present)());
    }
    if !missing.is_empty() {
        for need in &missing {
            eprintln!(
                "missing: {}. Debian, Ubuntu: `apt-get install {}`; {}",
                need.name, need.package, need.elsewhere
            );
        }
        bail!("install what is missing, or leave its tests out with --without");
    }
    if stores.contains(&Store::Clickhouse) && find::clickhouse().is_none() {
        python::ensure_chdb()?;
    }
    Ok(())
}
