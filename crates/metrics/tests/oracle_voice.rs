//! Metrics of spoken conversations compared with what DeepEval makes of the same recordings, and its weighted questions on conversations.
//!
//! A recording is a recipe (`voice_wav`), from which the samples that upstream was given are made again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;
mod voice_wav;

use assay_llm::{ChatAnswer, TokenAlternative, TokenLogprob};
use assay_metrics::{Evaluation, Step, measure};
use assay_model::{Audio, MetricResult, MetricSpec, MetricStatus, TestCase};
use common::{equal, list, run, same};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[test]
fn oracle_voice_metrics() {
    let kinds = [
        "voice_measurements",
        "voice_conversation",
        "transcription_exchanges",
        "transcription_audio_exchanges",
        "conversational_jev_eval",
    ];
    run(
        &kinds,
        |case| Some(case.get("kind")?.as_str()?.to_owned()),
        |kind, case| match kind {
            "voice_measurements" => measurements(case),
            "voice_conversation" => conversation(case),
            "transcription_exchanges" => exchanges(case, "content"),
            "transcription_audio_exchanges" => exchanges(case, "audio"),
            _ => weighted_questions(case),
        },
    );
}

/// A number, or that there is none.
fn optional(got: Option<f64>, expected: &Value) -> Result<(), String> {
    match got {
        Some(got) => same(got, expected),
        None => equal(&Value::Null, expected),
    }
}

fn measurements(case: &Value) -> Result<(), String> {
    equal(
        voice_wav::hash(&case["clip"]),
        case["pcm_sha256"].as_str().unwrap().to_owned(),
    )
    .map_err(|what| format!("the recipe gives other samples: {what}"))?;
    let found = measure(voice_wav::file(&case["clip"]))?;
    let words = case["content"].as_str().unwrap().split_whitespace().count();
    let rate = found.speaking_rate_wpm(words);
    let number = |count: usize| Some(count as f64);
    let yes = |is: bool| json!(is);
    for (name, expected) in case["expected"].as_object().unwrap() {
        let got = match name.as_str() {
            "starts_abruptly" => {
                equal(&yes(found.starts_abruptly), expected).map_err(|e| format!("{name}: {e}"))?;
                continue;
            }
            "ends_abruptly" => {
                equal(&yes(found.ends_abruptly), expected).map_err(|e| format!("{name}: {e}"))?;
                continue;
            }
            "duration" => Some(found.duration),
            "rms_dbfs" => Some(found.rms_dbfs),
            "clipping_fraction" => Some(found.clipping_fraction),
            "silence_fraction" => Some(found.silence_fraction),
            "longest_silence_ms" => Some(found.longest_silence_ms),
            "dropout_events" => number(found.dropout_events),
            "loop_events" => number(found.loop_events),
            "estimated_snr_db" => Some(found.estimated_snr_db),
            "zero_crossing_rate" => Some(found.zero_crossing_rate),
            "pitch_mean_hz" => found.pitch_mean_hz,
            "pitch_variation_hz" => found.pitch_variation_hz,
            "speaking_rate_wpm" => rate,
            "naturalness" => Some(found.naturalness(rate)),
            "intelligibility" => Some(found.intelligibility()),
            other => return Err(format!("{other} is not compared")),
        };
        optional(got, expected).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}

/// What a metric says without being told anything by anybody.
fn result(kind: &str, params: Value, case: &TestCase) -> Result<MetricResult, String> {
    let spec = serde_json::from_value(json!({"kind": kind, "params": params}));
    match Evaluation::start(&spec.map_err(|e| e.to_string())?, case).1 {
        Step::Done(result) => Ok(result),
        other => Err(format!("{other:?}")),
    }
}

fn conversation(case: &Value) -> Result<(), String> {
    let turn = |turn: &Value| {
        let mut message = json!({"role": turn["role"], "content": turn["content"]});
        if let Some(clip) = turn.get("clip") {
            message["audio"] = json!({"url": Audio::of(&voice_wav::file(clip)).url, "start_time": turn["start_time"]});
        }
        message
    };
    let messages: Vec<Value> = list(&case["turns"]).iter().map(turn).collect();
    let test_case = json!({"messages": messages, "end_reason": case["end_reason"]});
    let test_case: TestCase = serde_json::from_value(test_case).map_err(|e| e.to_string())?;
    for (kind, expected) in case["expected"].as_object().unwrap() {
        let told = |e: String| format!("{} {kind}: {e}", case["name"]);
        let found = result(kind, json!({}), &test_case)?;
        match expected["score"].as_f64() {
            None => equal(found.status, MetricStatus::Skipped).map_err(told)?,
            Some(_) => optional(found.score, &expected["score"]).map_err(told)?,
        }
        let strict = result(kind, json!({"strict": true}), &test_case)?;
        optional(strict.score, &expected["strict"]).map_err(told)?;
        if kind == "audio_glitch" {
            glitches(&found, expected).map_err(told)?;
        }
        // What cannot be played has a beginning here, so that one transition more is known of.
        let undecodable = list(&case["expected"]["audio_glitch"]["events"])
            .iter()
            .any(|event| event["type"] == "audio_undecodable");
        if kind == "turn_taking_naturalness" && found.score.is_some() && !undecodable {
            let count = list(&expected["transitions"]).len();
            equal(found.breakdown["transition_count"], count as f64).map_err(told)?;
        }
    }
    Ok(())
}

/// As many of each kind, and each where and how long upstream found it.
fn glitches(found: &MetricResult, expected: &Value) -> Result<(), String> {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for event in list(&expected["events"]) {
        let kind = event["type"].as_str().unwrap();
        *counts.entry(kind.to_owned()).or_default() += 1.0;
        let turn = event["turn"].as_u64().unwrap() + 1;
        let part = match kind {
            "held_tone" => format!(
                "at {:.1} s holds a tone of {:.0} Hz for {:.1} s",
                event["offset_seconds"].as_f64().unwrap(),
                event["pitch_hz"].as_f64().unwrap(),
                event["duration_seconds"].as_f64().unwrap()
            ),
            "dead_stream" => format!(
                "at {:.1} s is dead for {:.1} s",
                event["offset_seconds"].as_f64().unwrap(),
                event["duration_seconds"].as_f64().unwrap()
            ),
            "stream_cut" => format!(
                "at {:.1} s stops in the midst of speech, and goes on {:.2} s later",
                event["offset_seconds"].as_f64().unwrap(),
                event["gap_seconds"].as_f64().unwrap()
            ),
            _ => String::new(),
        };
        let told = found.reason.contains(&format!("turn {turn} (")) && found.reason.contains(&part);
        if !told {
            return Err(format!("{event} is not told: {}", found.reason));
        }
    }
    let own = found.breakdown.iter();
    let own: BTreeMap<String, f64> = own
        .filter(|(name, _)| !name.starts_with("turns_"))
        .map(|(name, count)| (name.clone(), *count))
        .collect();
    equal(own, counts)
}

/// What the judge is shown to compare.
fn exchanges(case: &Value, against: &str) -> Result<(), String> {
    let mut messages = case["messages"].clone();
    for message in messages.as_array_mut().unwrap() {
        if let Some(audio) = message.get_mut("audio") {
            audio["url"] = json!("data:audio/wav;base64,UklGRgAAAABXQVZF");
        }
    }
    let test_case = serde_json::from_value(json!({"messages": messages}));
    let test_case: TestCase = test_case.map_err(|e| e.to_string())?;
    let spec = json!({"kind": "transcription_accuracy", "params": {"compare_against": against}});
    let spec: MetricSpec = serde_json::from_value(spec).map_err(|e| e.to_string())?;
    let asked = match Evaluation::start(&spec, &test_case).1 {
        Step::Ask(asked) => asked,
        Step::Done(found) if list(&case["expected"]).is_empty() => {
            return equal(found.status, MetricStatus::Skipped);
        }
        other => return Err(format!("{other:?}")),
    };
    let question = asked[0].call.messages[1].content.as_str();
    let (_, material) = question
        .split_once("The material as JSON:\n")
        .ok_or("no material")?;
    let (material, _) = material.split_once("\n\nAnswer with").ok_or("no end")?;
    let material: Value = serde_json::from_str(material).map_err(|e| e.to_string())?;
    let mut expected = case["expected"].clone();
    for exchange in expected.as_array_mut().unwrap() {
        // Turns are counted from 1 here.
        if let Some(turn) = exchange.get("turn").and_then(Value::as_u64) {
            exchange["turn"] = json!(turn + 1);
        }
    }
    equal(&material["exchanges"], &expected)
}

/// Questions whose answers have the recorded probabilities.
fn weighted_questions(case: &Value) -> Result<(), String> {
    for (strict, field) in [(false, "score"), (true, "strict")] {
        let params = json!({"questions": case["questions"], "strict": strict});
        let spec = json!({"kind": "conversational_jev_eval", "params": params});
        let spec: MetricSpec = serde_json::from_value(spec).map_err(|e| e.to_string())?;
        assay_metrics::check_spec(&spec).map_err(|faults| format!("{faults:?}"))?;
        let said = json!({"messages": [{"role": "user", "content": "u0"}, {"role": "assistant", "content": "a1"}]});
        let test_case: TestCase = serde_json::from_value(said).map_err(|e| e.to_string())?;
        let (mut evaluation, mut step) = Evaluation::start(&spec, &test_case);
        let (mut open, mut asked) = (Vec::new(), 0);
        let found = loop {
            match step {
                Step::Ask(more) => open.extend(more),
                Step::Done(found) => break found,
                Step::Run(errand) => return Err(format!("{errand:?}")),
            }
            let question = open.remove(0);
            step = evaluation.answer(question.id, Ok(answer(&case["probabilities"][asked])));
            asked += 1;
        };
        equal(asked, list(&case["questions"]).len())?;
        if list(&case["applicable"])
            .iter()
            .all(|applies| applies == &json!(false))
        {
            // Upstream gives 1 where no question applies. Here there is nothing to say then.
            equal(found.status, MetricStatus::Skipped)?;
        } else {
            optional(found.score, &case[field]).map_err(|e| format!("{field}: {e}"))?;
        }
    }
    Ok(())
}

/// A judge's answer whose letters have these probabilities.
fn answer(probabilities: &Value) -> ChatAnswer {
    let probabilities: Vec<f64> = list(probabilities)
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    let letters = "ABCDEFGH".chars().map(String::from);
    let top: Vec<TokenAlternative> = letters
        .zip(&probabilities)
        .map(|(token, p)| TokenAlternative {
            token,
            logprob: p.ln(),
        })
        .collect();
    let likeliest = top
        .iter()
        .max_by(|a, b| a.logprob.total_cmp(&b.logprob))
        .unwrap();
    let (token, logprob) = (likeliest.token.clone(), likeliest.logprob);
    ChatAnswer {
        content: json!({"answer": token}).to_string(),
        logprobs: vec![TokenLogprob {
            token,
            logprob,
            top,
        }],
        ..ChatAnswer::default()
    }
}
