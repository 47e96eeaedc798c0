//! Small pictures as figures, which the template draws.

use super::summary::BINS;
use assay_experiment::Span;
use serde::Serialize;

/// Height of a histogram's drawing.
const HEIGHT: f64 = 40.0;
/// Width of a drawing.
const WIDTH: f64 = 160.0;

/// One bar of a histogram.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    /// Whether scores of this bin pass, by its upper end.
    good: bool,
    /// What a pointer over it is told.
    title: String,
}

/// A histogram of scores.
#[derive(Debug, Serialize)]
pub(super) struct Histogram {
    bars: Vec<Bar>,
    /// Where the threshold is.
    threshold: Option<String>,
    /// What it is for somebody who does not see it.
    label: String,
}

/// Bars for counts; nothing where there are none.
pub(super) fn histogram(counts: &[u64; BINS], threshold: Option<f64>) -> Option<Histogram> {
    let most = counts.iter().copied().max().filter(|m| *m > 0)?;
    let width = WIDTH / BINS as f64;
    let bars = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(bin, count)| {
            let share = *count as f64 / most as f64;
            // What is there is seen, however rare.
            let height = (share * HEIGHT).max(1.5);
            let low = bin as f64 / BINS as f64;
            let high = (bin + 1) as f64 / BINS as f64;
            Bar {
                x: figure(bin as f64 * width + 0.5),
                y: figure(HEIGHT - height),
                width: figure(width - 1.0),
                height: figure(height),
                good: threshold.is_none_or(|t| high > t),
                title: format!("{low:.2} to {high:.2}: {count}"),
            }
        })
        .collect();
    let all: u64 = counts.iter().sum();
    Some(Histogram {
        bars,
        threshold: threshold.map(|t| figure(t.clamp(0.0, 1.0) * WIDTH)),
        label: format!("Histogram of {all} scores from 0 to 1"),
    })
}

/// An interval on an axis around 0.
#[derive(Debug, Serialize)]
pub(super) struct Strip {
    low: String,
    width: String,
    at: String,
    label: String,
    /// `up`, `down`, or nothing where 0 is in the interval.
    side: &'static str,
}

/// A difference with its interval, on an axis that ends at `reach` on both sides.
pub(super) fn strip(difference: f64, interval: Option<Span>, reach: f64) -> Strip {
    let place = |value: f64| {
        let share = (value / reach.max(f64::MIN_POSITIVE)).clamp(-1.0, 1.0);
        (share + 1.0) / 2.0 * WIDTH
    };
    let (low, high) = interval.map_or((difference, difference), |i| (i.low, i.high));
    Strip {
        low: figure(place(low)),
        width: figure((place(high) - place(low)).max(1.0)),
        at: figure(place(difference)),
        label: format!("{difference:+.3}, interval {low:+.3} to {high:+.3}"),
        side: match interval {
            Some(i) if i.low > 0.0 => "up",
            Some(i) if i.high < 0.0 => "down",
            _ => "",
        },
    }
}

/// Two digits are enough for a drawing.
fn figure(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_stays_within_its_frame() {
        let mut counts = [0; BINS];
        assert!(histogram(&counts, None).is_none());
        counts[0] = 1;
        counts[BINS - 1] = 100_000;
        let drawn = histogram(&counts, Some(0.5)).unwrap();
        assert_eq!(drawn.bars.len(), 2);
        assert_eq!((drawn.bars[0].good, drawn.bars[1].good), (false, true));
        assert_eq!(drawn.threshold.as_deref(), Some("80"));
        for bar in &drawn.bars {
            let [x, y, w, h] =
                [&bar.x, &bar.y, &bar.width, &bar.height].map(|f| f.parse::<f64>().unwrap());
            assert!(x >= 0.0 && x + w <= WIDTH && y >= 0.0 && y + h <= HEIGHT + 0.01 && h >= 1.5);
        }
        assert_eq!(drawn.bars[1].title, "0.95 to 1.00: 100000");
    }

    #[test]
    fn a_strip_stays_within_its_frame() {
        let span = Span {
            low: -3.0,
            high: -0.1,
        };
        let drawn = strip(-0.5, Some(span), 1.0);
        assert_eq!((drawn.low.as_str(), drawn.side), ("0", "down"));
        assert_eq!(strip(0.0, None, 0.0).side, "");
        assert_eq!(strip(0.0, None, 0.0).at, "80");
    }
}
