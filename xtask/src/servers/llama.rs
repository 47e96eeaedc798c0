//! A model server that speaks OpenAI's protocol.

use std::process::Command;

use anyhow::{Context, Result};

use super::guard::Scratch;
use super::{Guard, Started, free_port};
use crate::provision::model::Model;

/// What it prints once the model is loaded; the port is open before.
const READY: &str = "listening on http";

/// Starts it with a small context: the tests look at the wire, not at the quality of answers. One slot, so that what a test is
/// answered does not depend on which others run.
pub(super) fn start(model: &Model) -> Result<Started> {
    let scratch = Scratch::new("model")?;
    let libraries = model
        .server
        .parent()
        .context("the model server lies nowhere")?;
    let port = free_port()?.to_string();
    let mut server = Command::new(&model.server);
    server
        .env("LD_LIBRARY_PATH", libraries)
        .args([
            "--host",
            "127.0.0.1",
            "--port",
            &port,
            "-c",
            "2048",
            "--alias",
            "gemma-3-270m",
            "-np",
            "1",
            "-t",
            "2",
            "-m",
        ])
        .arg(&model.weights);
    let guard = Guard::start("model server", &mut server, scratch, "TERM", READY)?;
    Ok((
        guard,
        vec![(
            "ASSAY_TEST_MODEL_URL",
            format!("http://127.0.0.1:{port}/v1"),
        )],
    ))
}
