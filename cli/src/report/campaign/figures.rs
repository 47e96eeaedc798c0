//! Figures as people write them.

use super::text::shown;

/// Where there is no figure.
pub(super) fn none() -> String {
    "–".to_owned()
}

/// `12,345`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `950`, `48.1k` or `1.2M`.
pub(super) fn compact(n: u64) -> String {
    let (value, unit) = match n {
        0..1_000 => return n.to_string(),
        1_000..999_950 => (n as f64 / 1e3, "k"),
        999_950..999_950_000 => (n as f64 / 1e6, "M"),
        _ => (n as f64 / 1e9, "G"),
    };
    format!("{value:.1}{unit}")
}

/// Cents where that is enough, more digits where it is not.
pub(super) fn dollars(usd: f64) -> String {
    if usd == 0.0 || usd >= 0.1 {
        format!("${usd:.2}")
    } else {
        format!("${usd:.5}")
    }
}

/// As few digits as it takes.
pub(super) fn figure(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `2026-11-24 06:00:00 UTC`.
pub(super) fn moment(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => shown(rfc3339, 40),
    }
}

/// `1 h 02 min`, `3 min 20 s` or `12 s`.
pub(super) fn span(ms: i64) -> String {
    let s = ms.max(0) / 1000;
    match s {
        0 => format!("{} ms", ms.max(0)),
        1..60 => format!("{s} s"),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        let compacted = [950, 48_120, 999_949, 999_950, 1_234_567].map(compact);
        assert_eq!(compacted, ["950", "48.1k", "999.9k", "1.0M", "1.2M"]);
        assert_eq!(dollars(0.000_12), "$0.00012");
        assert_eq!(dollars(12.345), "$12.35");
        assert_eq!(figure(0.5), "0.5");
        assert_eq!(
            moment("2026-11-24T06:00:00.000000Z"),
            "2026-11-24 06:00:00 UTC"
        );
        assert_eq!(span(3_720_000), "1 h 02 min");
        assert_eq!(span(200_000), "3 min 20 s");
        assert_eq!(span(900), "900 ms");
    }
}
