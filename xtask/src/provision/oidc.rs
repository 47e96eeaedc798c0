//! The OpenID provider that sign-in is tested against: a program for Node.js, and the packages that it needs.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::provision::node::Node;
use crate::shell::{run, say};
use crate::workspace;

/// What the folder of the provider holds, besides its packages.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "provider.mjs"];

/// The provider's program, with its packages beside it.
pub(crate) fn ensure(node: &Node) -> Result<PathBuf> {
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
        run(node
            .npm()
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir(&folder))?;
    }
    Ok(folder.join("provider.mjs"))
}
