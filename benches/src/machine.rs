//! What machine this is, and whether it has time for us.

use std::fs;

/// A load beyond this means that others were at work while we measured.
const BUSY: f64 = 1.5;

/// The one-minute load average, where the system tells.
pub(crate) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg")
        .ok()?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// One line: processors, their model, memory, kernel.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .map_or_else(String::new, |kib| format!(", {} GiB", kib >> 20));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = load().map_or_else(String::new, |load| format!(", load {load:.2}"));
    format!(
        "Machine: {cores} cores ({model}){memory}, {} {}{load}",
        std::env::consts::OS,
        kernel.trim()
    )
}

/// A warning when the machine was busy before the first measurement.
pub(crate) fn busy(load_before: Option<f64>) -> Option<String> {
    let load = load_before.filter(|load| *load > BUSY)?;
    Some(format!(
        "The machine was busy when this began (load {load:.2}): absolute figures are too low, and ratios are rough."
    ))
}
