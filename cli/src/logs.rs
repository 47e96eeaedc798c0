//! Structured logs, on standard error.

use std::io::{self, Write};
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;

/// What is logged where nobody says otherwise.
const DEFAULT: &str = "warn";

/// The log's lines while they are held back.
static HELD: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For a person.
    Text,
    /// An object a line.
    Json,
}

/// Starts the log. `filter` is a level or a list such as `info,assay_host=debug`.
///
/// Without one the log is held back until [`release`]: a start that fails says why in one line, and what components logged
/// about the same fault would only bury it.
///
/// # Errors
/// When the filter is not one.
pub(crate) fn start(filter: Option<&str>, format: LogFormat) -> anyhow::Result<()> {
    if filter.is_none()
        && let Ok(mut held) = HELD.lock()
    {
        *held = Some(Vec::new());
    }
    let filter = filter.unwrap_or(DEFAULT);
    let filter =
        EnvFilter::try_new(filter).map_err(|e| anyhow::anyhow!("log filter `{filter}`: {e}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Output);
    // A second start would come from a test, and changes nothing.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(crate::term::watched()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// Shows what was held back, and from now on everything at once.
pub(crate) fn release() {
    if let Ok(mut held) = HELD.lock()
        && let Some(lines) = held.take()
    {
        let _ = io::stderr().lock().write_all(&lines);
    }
}

/// Standard error, or the lines that are held back.
struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Ok(mut held) = HELD.lock()
            && let Some(lines) = held.as_mut()
        {
            lines.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        io::stderr().lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_held_until_released() {
        *HELD.lock().unwrap() = Some(Vec::new());
        Output.write_all(b"held\n").unwrap();
        assert_eq!(HELD.lock().unwrap().as_deref(), Some(&b"held\n"[..]));
        release();
        assert!(HELD.lock().unwrap().is_none());
    }
}
