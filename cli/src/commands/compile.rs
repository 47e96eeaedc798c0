//! `assay compile`: compiles the application's components ahead of time, for images and first starts.

use super::PlatformArgs;
use crate::exit::Exit;
use crate::{code, files, manifest};
use anyhow::Result;
use assay_host::Options;
use clap::Args;

/// Arguments of `assay compile`.
#[derive(Debug, Args)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    platform: PlatformArgs,
}

/// Compiles what the cache lacks.
///
/// # Errors
/// When a component is missing or is none.
pub(crate) fn compile(args: &CompileArgs) -> Result<Exit> {
    let manifest = manifest::find(args.platform.manifest.as_deref())?;
    files::data_dir(&args.platform.data_dir)?;
    let mut options = Options::new(manifest, &args.platform.data_dir);
    options.cache_dir.clone_from(&args.platform.cache_dir);
    code::compile(&options)?;
    Ok(Exit::Pass)
}
