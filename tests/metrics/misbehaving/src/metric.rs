//! The interface `assay:metric`.

use exports::assay::metric::scorer::{Description, Error, Guest, Outcome, Part};
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

wit_bindgen::generate!({ path: "../../../wit/assay-metric", world: "metric" });

/// How often an instance was asked.
static CALLS: AtomicU32 = AtomicU32::new(0);

struct Misbehaving;

fn scored(score: f64) -> Outcome {
    Outcome {
        score: Some(score),
        reason: "as it was told".to_owned(),
        breakdown: Vec::new(),
    }
}

impl Guest for Misbehaving {
    fn describe() -> Description {
        Description {
            name: "Misbehaving".to_owned(),
            description: "Does what it is told.".to_owned(),
            required_fields: vec!["expected_output".to_owned()],
            params_schema: r#"{"type": "object", "properties": {"do": {"type": "string"}}, "required": ["do"], "additionalProperties": false}"#
                .to_owned(),
        }
    }

    fn score(_: String, params: String) -> Result<Outcome, Error> {
        let told = |what: &str| params.contains(&format!("\"{what}\""));
        if told("loop") {
            let mut n = 0_u64;
            loop {
                n = black_box(n.wrapping_add(1));
            }
        }
        if told("grow") {
            let mut all = Vec::new();
            loop {
                all.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        if told("recurse") {
            return Ok(scored(deep(1)));
        }
        if told("trap") {
            panic!("it was told to");
        }
        if told("refuse") {
            return Err(Error::Failed("it will not".to_owned()));
        }
        if told("nan") {
            return Ok(scored(f64::NAN));
        }
        if told("seven") {
            return Ok(scored(7.0));
        }
        if told("babble") {
            let reason = "word ".repeat(1 << 18);
            return Ok(Outcome {
                reason,
                ..scored(1.0)
            });
        }
        if told("parts") {
            let part = |name: &str, score| Part {
                name: name.to_owned(),
                score,
            };
            let breakdown = vec![part("first", 0.25), part("second", 0.75)];
            return Ok(Outcome {
                breakdown,
                ..scored(0.5)
            });
        }
        if told("reach") {
            // Of files, settings and arguments there are none.
            let files = std::fs::read_dir("/").is_ok() || std::fs::File::create("/x").is_ok();
            let settings = std::env::vars().count() + std::env::args().count();
            return Ok(scored(if files || settings > 0 { 1.0 } else { 0.0 }));
        }
        // How many calls this instance has had before.
        let before = CALLS.fetch_add(1, Ordering::Relaxed);
        Ok(scored(if before == 0 { 1.0 } else { 0.0 }))
    }
}

fn deep(n: u64) -> f64 {
    let here = black_box([n; 64]);
    if black_box(n) == 0 {
        return 0.0;
    }
    1.0 + deep(here[(n % 64) as usize].wrapping_add(1))
}

export!(Misbehaving);
