//! Metrics of text compared with what `rouge-score` and `sacrebleu` make of the same texts, every field of every case.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;

use assay_metrics::{
    BleuCounts, ChrfCounts, Evaluation, Rouge, RougeVariant, Smoothing, Step, TerCounts, rouge,
};
use assay_model::TestCase;
use common::{equal, list, near, run};
use serde_json::{Value, json};

const TOLERANCE: f64 = 1e-6;

#[test]
fn oracle_text_metrics() {
    run(
        &["text", "corpus"],
        |case| {
            let kind = match (case.get("hyp"), case.get("hyps")) {
                (Some(_), _) => "text",
                (_, Some(_)) => "corpus",
                _ => return None,
            };
            Some(kind.to_owned())
        },
        |kind, case| {
            let fields = case.as_object().ok_or("no fields")?;
            let check = if kind == "text" { one } else { corpus };
            for (name, expected) in fields {
                check(case, name, expected).map_err(|e| format!("{name}: {e}"))?;
            }
            Ok(())
        },
    );
}

fn one(case: &Value, name: &str, expected: &Value) -> Result<(), String> {
    let text = |field: &str| case[field].as_str().ok_or("no text");
    let (answer, reference) = (text("hyp")?, text("ref")?);
    let close = |got: f64| near(got, expected, TOLERANCE);
    match name {
        "hyp" | "ref" => Ok(()),
        "rouge" | "rouge_stem" => {
            let fields = expected.as_object().ok_or("no variants")?;
            for (variant, expected) in fields {
                rouges(case, variant, name == "rouge_stem", expected)?;
            }
            Ok(())
        }
        "sentence_bleu_exp" => {
            let counts = BleuCounts::of(answer, reference);
            let bleu = counts.score(Smoothing::Exp, true);
            for (field, expected) in expected.as_object().ok_or("no fields")? {
                match field.as_str() {
                    "score" => {
                        near(bleu.score * 100.0, expected, TOLERANCE)?;
                        whole(case, json!({"kind": "bleu"}), &json!(bleu.score))?;
                    }
                    "precisions" => {
                        equal(list(expected).len(), bleu.precisions.len())?;
                        for (got, expected) in bleu.precisions.iter().zip(list(expected)) {
                            near(got * 100.0, expected, TOLERANCE)?;
                        }
                    }
                    "bp" => near(bleu.brevity_penalty, expected, TOLERANCE)?,
                    "sys_len" => equal(json!(counts.answer_len), expected.clone())?,
                    "ref_len" => equal(json!(counts.reference_len), expected.clone())?,
                    other => return Err(format!("{other} is not compared")),
                }
            }
            Ok(())
        }
        "sentence_bleu_add1" => {
            let bleu = BleuCounts::of(answer, reference).score(Smoothing::AddK(1.0), true);
            let spec = json!({"kind": "bleu", "params": {"smoothing": "add_k"}});
            whole(case, spec, &json!(bleu.score))?;
            close(bleu.score * 100.0)
        }
        "chrf" | "chrf++" => {
            let order = if name == "chrf" { 0 } else { 2 };
            let score = ChrfCounts::of(answer, reference, order).score(2.0);
            let spec = json!({"kind": "chrf", "params": {"word_order": order}});
            whole(case, spec, &json!(score))?;
            close(score * 100.0)
        }
        "ter" => {
            let rate = TerCounts::of(answer, reference).ok_or("too long")?.rate();
            whole(case, json!({"kind": "ter"}), &json!(1.0 - rate))?;
            close(rate * 100.0)
        }
        other => Err(format!("{other} is not compared")),
    }
}

fn rouges(case: &Value, name: &str, stemmed: bool, expected: &Value) -> Result<(), String> {
    let variant: RougeVariant = serde_json::from_value(json!(name)).map_err(|e| e.to_string())?;
    let text = |field: &str| case[field].as_str().unwrap_or_default();
    let Rouge {
        precision,
        recall,
        f1,
    } = rouge(variant, stemmed, text("hyp"), text("ref")).ok_or("too long")?;
    equal(expected.as_object().map_or(0, serde_json::Map::len), 3)?;
    for (field, measure, got) in [
        ("p", "precision", precision),
        ("r", "recall", recall),
        ("f", "f1", f1),
    ] {
        let what = |e: String| format!("{name} {field}: {e}");
        near(got, &expected[field], TOLERANCE).map_err(what)?;
        let params = json!({"variant": name, "stem": stemmed, "measure": measure});
        whole(
            case,
            json!({"kind": "rouge", "params": params}),
            &expected[field],
        )
        .map_err(what)?;
    }
    Ok(())
}

/// The metric as a whole gives `expected`, unless there is no answer, which is an error and no score.
fn whole(case: &Value, spec: Value, expected: &Value) -> Result<(), String> {
    let test_case = TestCase {
        actual_output: case["hyp"].as_str().map(Into::into),
        expected_output: case["ref"].as_str().map(Into::into),
        ..TestCase::default()
    };
    let spec = serde_json::from_value(spec).map_err(|e| e.to_string())?;
    let Step::Done(result) = Evaluation::start(&spec, &test_case).1 else {
        return Err("a judge is asked".to_owned());
    };
    match result.score {
        None if case["hyp"] == json!("") => Ok(()),
        None => Err(result.reason),
        Some(score) => near(score, expected, TOLERANCE),
    }
}

fn corpus(case: &Value, name: &str, expected: &Value) -> Result<(), String> {
    let texts = |field: &str| list(&case[field]).iter().filter_map(Value::as_str);
    let pairs = || texts("hyps").zip(texts("refs"));
    let close = |got: f64| near(got, expected, TOLERANCE);
    match name {
        "corpus" | "hyps" | "refs" => Ok(()),
        "bleu" => {
            let mut sum = BleuCounts::default();
            pairs().for_each(|(answer, reference)| sum += BleuCounts::of(answer, reference));
            close(sum.score(Smoothing::Exp, false).score * 100.0)
        }
        "chrf" => {
            let mut sum = ChrfCounts::default();
            pairs().for_each(|(answer, reference)| sum += ChrfCounts::of(answer, reference, 0));
            close(sum.score(2.0) * 100.0)
        }
        "ter" => {
            let mut sum = TerCounts::default();
            for (answer, reference) in pairs() {
                sum += TerCounts::of(answer, reference).ok_or("too long")?;
            }
            close(sum.rate() * 100.0)
        }
        // What the comparisons above are of.
        "bleu_signature" => equal(
            expected.clone(),
            json!("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp"),
        ),
        other => Err(format!("{other} is not compared")),
    }
}
