//! What people read of an alert.

use assay_model::{AlertNews, AlertSeverity, Timestamp};
use serde::{Deserialize, Serialize};

/// What a channel is told, as it is kept until it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// What has happened.
    pub news: AlertNews,
    /// The alert.
    pub alert_id: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// How grave it is.
    pub severity: AlertSeverity,
    /// What was found, in a sentence.
    pub sentence: String,
    /// The number that was found.
    pub value: Option<f64>,
    /// How many values it is of.
    pub samples: u64,
    /// Since when it fires, where it does or did.
    pub firing_since: Option<Timestamp>,
    /// When that was found.
    pub at: Timestamp,
    /// Where it can be looked at, where that is known.
    pub url: Option<String>,
}

/// The title: one line, whatever the alert is called.
#[must_use]
pub fn subject(note: &Note) -> String {
    let what = match note.news {
        AlertNews::Firing => "Firing",
        AlertNews::Reminder => "Still firing",
        AlertNews::Recovered => "Recovered",
        AlertNews::NoData => "No data",
        AlertNews::Test => "Test",
    };
    let line = format!("[{}] {what}: {}", note.severity.as_str(), note.name);
    line.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// What is said below it.
#[must_use]
pub fn text(note: &Note) -> String {
    let mut parts = Vec::new();
    if note.news == AlertNews::Test {
        parts.push("This is a test: nothing has happened. What the alert finds now:".to_owned());
    }
    parts.push(note.sentence.clone());
    if let Some(since) = note.firing_since {
        let since = plain(since);
        parts.push(match note.news {
            AlertNews::Recovered => format!("It was firing since {since}."),
            _ => format!("It is firing since {since}."),
        });
    }
    if !note.description.is_empty() {
        parts.push(note.description.clone());
    }
    parts.extend(note.url.clone());
    parts.join("\n\n")
}

/// A time to the second, which is enough for people.
fn plain(at: Timestamp) -> String {
    let text = at.to_rfc3339();
    let seconds = text.get(..19).unwrap_or(&text);
    format!("{} UTC", seconds.replace('T', " "))
}

/// A number as people read it: four digits that count, without zeros behind them.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let before = value.abs().log10().floor() as i32;
    if !(-4..9).contains(&before) {
        return format!("{value:.3e}");
    }
    let decimals = usize::try_from(3 - before).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn note(news: AlertNews) -> Note {
        Note {
            news,
            alert_id: "a1".to_owned(),
            name: "Answers\r\ngot worse".to_owned(),
            description: "Look at <prompts> & models.".to_owned(),
            severity: AlertSeverity::Critical,
            sentence: "The mean is 0.5.".to_owned(),
            value: Some(0.5),
            samples: 12,
            firing_since: Some(Timestamp::parse("2026-11-29T18:00:00Z").unwrap()),
            at: Timestamp::parse("2026-11-29T18:05:00Z").unwrap(),
            url: Some("https://assay.example/#/alerts/a1".to_owned()),
        }
    }

    #[test]
    fn a_title_is_one_line() {
        let said = subject(&note(AlertNews::Firing));
        assert_eq!(said, "[critical] Firing: Answers  got worse");
        let said = subject(&note(AlertNews::Recovered));
        assert_eq!(said, "[critical] Recovered: Answers  got worse");
    }

    #[test]
    fn a_text_says_what_was_found_since_when_and_what_to_do() {
        let said = text(&note(AlertNews::Recovered));
        let expected = "The mean is 0.5.\n\nIt was firing since 2026-11-29 18:00:00 UTC.\n\nLook at <prompts> & models.\n\n\
                        https://assay.example/#/alerts/a1";
        assert_eq!(said, expected);
        assert!(text(&note(AlertNews::Test)).starts_with("This is a test"));
    }

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (0.5, "0.5"),
            (0.123_456, "0.1235"),
            (1234.0, "1234"),
            (123_456.7, "123457"),
            (99.999_9, "100"),
            (-2.5, "-2.5"),
            (0.000_012_3, "1.230e-5"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(number(value), expected, "{value}");
        }
    }
}
