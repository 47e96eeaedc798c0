//! The load generator.

use anyhow::{Context, Result, bail};
use std::process::Command;

/// What one round of load found.
#[derive(Debug, PartialEq)]
pub(crate) struct Round {
    /// Answers per second.
    pub(crate) per_second: f64,
    /// The median latency, in milliseconds.
    pub(crate) p50_ms: f64,
    /// The latency that one answer in a hundred exceeds, in milliseconds.
    pub(crate) p99_ms: f64,
}

/// Loads `url` over 16 connections from one thread; each request carries `headers`.
pub(crate) fn load(url: &str, headers: &[&str], seconds: u32) -> Result<Round> {
    load_over(16, url, headers, seconds)
}

/// Loads `url` over so many connections from one thread; each request carries `headers`.
pub(crate) fn load_over(
    connections: u32,
    url: &str,
    headers: &[&str],
    seconds: u32,
) -> Result<Round> {
    let (connections, duration) = (format!("-c{connections}"), format!("-d{seconds}s"));
    let output = Command::new("wrk")
        .args(["-t1", &connections, &duration, "--latency"])
        .args(headers.iter().flat_map(|header| ["-H", header]))
        .arg(url)
        .output()
        .context("cannot run wrk; install it with the system's package manager")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!(
            "wrk ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    parse(&text)
}

fn parse(text: &str) -> Result<Round> {
    let after = |prefix: &str| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(prefix));
        line.and_then(|line| line.trim_start().strip_prefix(prefix))
            .map(str::trim)
    };
    for trouble in ["Non-2xx or 3xx responses:", "Socket errors:"] {
        if let Some(what) = after(trouble) {
            bail!("under load: {trouble} {what}");
        }
    }
    let latency = |prefix: &str| {
        let value = after(prefix).with_context(|| format!("wrk gives no {prefix}"))?;
        milliseconds(value).with_context(|| format!("no latency: {value}"))
    };
    Ok(Round {
        per_second: after("Requests/sec:")
            .context("wrk gives no rate")?
            .parse()?,
        p50_ms: latency("50%")?,
        p99_ms: latency("99%")?,
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let factor = match unit {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "Running 5s test @ http://127.0.0.1:1/\n  1 threads and 16 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency   452.10us  301.00us   9.10ms   96.00%\n    Req/Sec    35.99k     1.03k   38.10k    70.00%\n  Latency Distribution\n     50%  420.00us\n     75%  481.00us\n     90%  602.00us\n     99%    1.25ms\n  179030 requests in 5.00s, 24.93MB read\nRequests/sec:  35801.22\nTransfer/sec:      4.99MB\n";

    #[test]
    fn what_wrk_says_is_understood() {
        let round = parse(SAID).unwrap();
        assert_eq!(
            round,
            Round {
                per_second: 35801.22,
                p50_ms: 0.42,
                p99_ms: 1.25
            }
        );
        assert!(parse("nonsense").is_err());
        let failed = format!("{SAID}  Non-2xx or 3xx responses: 12\n");
        assert!(parse(&failed).unwrap_err().to_string().contains("12"));
    }
}
