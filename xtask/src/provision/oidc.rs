//! The OpenID provider that sign-in is tested against: a program for Node.js, and the packages that it needs.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::{capture, run, say, which};
use crate::workspace;

/// The oldest Node.js that the provider runs on.
const NODE_SINCE: u32 = 20;
/// What the folder of the provider holds, besides its packages.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "provider.mjs"];

/// The provider's program with its packages beside it; `None`, said aloud, where there is no Node.js for it.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let (Some(node), Some(npm)) = (which(&["node", "nodejs"]), which(&["npm", "npm.cmd"])) else {
        say("SKIPPED: sign-in with an OpenID provider, which needs Node.js 20 or newer with npm");
        return Ok(None);
    };
    let version = capture(Command::new(node).arg("--version"))?;
    if major(&version).is_none_or(|found| found < NODE_SINCE) {
        say(format!(
            "SKIPPED: sign-in with an OpenID provider, which needs Node.js 20 or newer; this is {version}"
        ));
        return Ok(None);
    }
    let source = workspace::root().join("tests/oidc");
    let folder = workspace::tools_dir().join("oidc");
    fs::create_dir_all(&folder)?;
    let same = |name: &str| {
        let (a, b) = (fs::read(source.join(name)), fs::read(folder.join(name)));
        a.is_ok_and(|a| b.is_ok_and(|b| a == b))
    };
    let installed = folder.join("node_modules").is_dir() && FILES.iter().all(|name| same(name));
    if !installed {
        say("Installing the OpenID provider for tests");
        for name in FILES {
            fs::copy(source.join(name), folder.join(name))
                .with_context(|| format!("cannot copy tests/oidc/{name}"))?;
        }
        run(Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir(&folder))?;
    }
    Ok(Some(folder.join("provider.mjs")))
}

/// `v20.1.0` is 20.
fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
