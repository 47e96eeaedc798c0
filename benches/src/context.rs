//! Where everything is, and the folder that one run of the benchmarks works in.

use crate::machine;
use crate::platform::Platform;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

/// Where the product and its peers are. `cargo xtask bench` sets the variables.
#[derive(clap::Args)]
pub(crate) struct Paths {
    /// The `assay` binary.
    #[arg(long, env = "ASSAY_BIN", default_value = "target/release/assay")]
    assay: PathBuf,
    /// The hello component.
    #[arg(
        long,
        env = "ASSAY_BENCH_HELLO",
        default_value = "target/bench-hello/wasm32-wasip2/release/hello.wasm"
    )]
    hello: PathBuf,
    /// A Python with LangGraph.
    #[arg(
        long,
        env = "ASSAY_BENCH_PYTHON",
        default_value = "target/tools/venv/bin/python"
    )]
    python: PathBuf,
    /// The `wasmtime` command.
    #[arg(long, env = "ASSAY_BENCH_WASMTIME", default_value = "wasmtime")]
    wasmtime: PathBuf,
    /// The Node.js that drives the browser.
    #[arg(long, env = "ASSAY_BENCH_NODE", default_value = "node")]
    node: PathBuf,
    /// The browser that the web app is measured in.
    #[arg(
        long,
        env = "ASSAY_BENCH_CHROMIUM",
        default_value = "/usr/bin/chromium"
    )]
    chromium: PathBuf,
}

/// What the benchmarks of one run share.
pub(crate) struct Context {
    pub(crate) root: PathBuf,
    pub(crate) assay: PathBuf,
    pub(crate) hello: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) wasmtime: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) chromium: PathBuf,
    /// The machine's load before anything was measured.
    pub(crate) load_before: Option<f64>,
    folder: tempfile::TempDir,
}

impl Context {
    /// Finds everything and makes a folder for this run, on the disk that holds the build.
    pub(crate) fn new(paths: &Paths) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("there is no repository around this crate")?
            .to_path_buf();
        let at = |path: &Path| {
            // A bare name is looked for on PATH.
            if path.components().count() == 1 {
                path.to_path_buf()
            } else {
                root.join(path)
            }
        };
        let bench = root.join("target/bench");
        std::fs::create_dir_all(&bench)
            .with_context(|| format!("cannot make {}", bench.display()))?;
        let folder = tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(&bench)
            .context("cannot make a folder for this run")?;
        let assay = at(&paths.assay);
        if !assay.is_file() {
            bail!("{}: not built; run `cargo xtask bench`", assay.display());
        }
        Ok(Self {
            assay,
            hello: at(&paths.hello),
            python: at(&paths.python),
            wasmtime: at(&paths.wasmtime),
            node: at(&paths.node),
            chromium: at(&paths.chromium),
            load_before: machine::load(),
            root,
            folder,
        })
    }

    /// A file or folder of this run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The application as it ships.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.root.join("spin.toml")
    }

    /// Starts the platform on data that the benchmarks of this run share: the first start compiles, later ones do not.
    pub(crate) fn platform(&self) -> Result<Platform> {
        self.platform_of(&self.manifest())
    }

    /// Starts the platform from another manifest.
    pub(crate) fn platform_of(&self, manifest: &Path) -> Result<Platform> {
        Platform::start(self, manifest, &self.path("data"))
    }
}
