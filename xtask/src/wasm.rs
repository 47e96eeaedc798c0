//! Finds a compiler for components, or gets one.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::provision::apt;
use crate::shell::{capture, cargo, run, say, which};
use crate::workspace::{self, WASM_TARGET};

/// Debian's packages for a compiler whose standard library is compiled from source.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "wasi-libc"];

/// How components are compiled here.
pub(crate) enum Compiler {
    /// The toolchain that runs this program has the target.
    Installed,
    /// Debian's cargo and rustc, with the linkers of the installed toolchain.
    Debian {
        /// Folders that go first on `PATH`: rust-lld and wasm-component-ld.
        linkers: Vec<PathBuf>,
    },
}

impl Compiler {
    /// Takes the installed target; else asks rustup for it; else falls back to Debian's packages. `ASSAY_WASM_COMPILER=debian` goes
    /// to the last one at once, so that it can be tried where it is not needed.
    pub(crate) fn ensure() -> Result<Self> {
        if env::var_os("ASSAY_WASM_COMPILER").is_some_and(|compiler| compiler == "debian") {
            return Self::from_debian();
        }
        if target_installed() {
            return Ok(Self::Installed);
        }
        if which(&["rustup"]).is_none() {
            bail!(
                "this Rust has no {WASM_TARGET} target and there is no rustup to get it: install Rust from https://rustup.rs, \
                 then run `rustup target add {WASM_TARGET}`"
            );
        }
        say(format!("Adding the {WASM_TARGET} target"));
        let Err(refused) = run(Command::new("rustup").args(["target", "add", WASM_TARGET])) else {
            return Ok(Self::Installed);
        };
        eprintln!("{refused:#}");
        Self::from_debian().with_context(|| {
            format!(
                "rustup refused the {WASM_TARGET} target, and no other compiler for it could be had"
            )
        })
    }

    /// A `cargo <task>` that compiles components; target and profile are the caller's.
    pub(crate) fn cargo(&self, task: &str) -> Result<Command> {
        match self {
            Self::Installed => {
                let mut command = cargo();
                command.arg(task);
                Ok(command)
            }
            Self::Debian { linkers } => {
                let path = env::var_os("PATH").unwrap_or_default();
                let path: OsString =
                    env::join_paths(linkers.iter().cloned().chain(env::split_paths(&path)))?;
                let mut command = Command::new("/usr/bin/cargo");
                command
                    .current_dir(workspace::root())
                    .env("PATH", path)
                    .env("RUSTC", "/usr/bin/rustc")
                    // The packaged compiler is a stable one, and only unstable cargo builds the standard library.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env(
                        "RUSTFLAGS",
                        "-L native=/usr/lib/wasm32-wasi -C link-self-contained=no",
                    )
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .args([task, "-Z", "build-std=std,panic_abort"]);
                Ok(command)
            }
        }
    }

    fn from_debian() -> Result<Self> {
        say(
            "Falling back to Debian's compiler for components (the standard library is compiled once)",
        );
        apt::install(&DEBIAN_PACKAGES)?;
        let sysroot = PathBuf::from(capture(Command::new("rustc").args(["--print", "sysroot"]))?);
        let host = capture(Command::new("rustc").args(["--print", "host-tuple"]))?;
        let bin = sysroot.join("lib/rustlib").join(host).join("bin");
        Ok(Self::Debian {
            linkers: vec![bin.clone(), bin.join("gcc-ld")],
        })
    }
}

/// Whether the installed compiler has the target's standard library, however it came there.
pub(crate) fn target_installed() -> bool {
    let libraries =
        capture(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]));
    libraries.is_ok_and(|folder| has_standard_library(Path::new(&folder)))
}

fn has_standard_library(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_library_folder_is_no_target() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_standard_library(folder.path()));
        assert!(!has_standard_library(&folder.path().join("none")));
        std::fs::write(folder.path().join("libstd-0123.rlib"), "").unwrap();
        assert!(has_standard_library(folder.path()));
    }
}
