//! `assay-compose HOST METRIC MIB OUT`: reads two components and writes the one that they make, in which the metric has at most so many
//! mebibytes of memory.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, metric, mib, out] = arguments.as_slice() else {
        eprintln!("usage: assay-compose HOST METRIC MIB OUT");
        return ExitCode::from(2);
    };
    match run(host.as_ref(), metric.as_ref(), mib, out.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(host: &Path, metric: &Path, mib: &str, out: &Path) -> Result<(), String> {
    let mib: u32 = mib.parse().map_err(|e| format!("`{mib}`: {e}"))?;
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let made = assay_compose::compose(&read(host)?, &read(metric)?, u64::from(mib) << 20)
        .map_err(|why| format!("{}: {why}", metric.display()))?;
    std::fs::write(out, made).map_err(|e| format!("{}: {e}", out.display()))
}
