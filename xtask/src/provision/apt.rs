//! Debian's package manager, when there is one and this user may use it.

use std::env;
use std::process::Command;
use std::sync::Once;

use anyhow::{Result, bail};

use crate::shell::{capture, run, say, succeeds, which};

/// Whether packages can be installed without asking anyone.
pub(crate) fn available() -> bool {
    apt_get().is_some()
}

/// Installs the packages; the lists are fetched once a run.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    static UPDATE: Once = Once::new();
    let (Some(mut update), Some(mut install)) = (apt_get(), apt_get()) else {
        bail!(
            "no package manager that this user may use; install by hand: {}",
            packages.join(" ")
        );
    };
    UPDATE.call_once(|| {
        say("Updating the package lists");
        // Old lists may still do, so a failure here is only told.
        if let Err(error) = run(update.args(["-q", "update"])) {
            eprintln!("{error:#}");
        }
    });
    run(install
        .args(["-q", "-y", "--no-install-recommends", "install"])
        .args(packages))
}

/// `apt-get` as root, directly or by a sudo that asks for no password.
fn apt_get() -> Option<Command> {
    let program = which(&["apt-get"])?;
    if is_root() {
        let mut command = Command::new(program);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        return Some(command);
    }
    succeeds(Command::new("sudo").args(["-n", "true"])).then(|| {
        let mut command = Command::new("sudo");
        command
            .args(["-n", "env", "DEBIAN_FRONTEND=noninteractive"])
            .arg(program);
        command
    })
}

/// Whether this process is root. Asked of `id`, since std does not tell.
pub(crate) fn is_root() -> bool {
    env::consts::FAMILY == "unix" && capture(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}
