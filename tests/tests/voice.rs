//! Spoken conversations over HTTP: recordings go in as data, and come out as scores.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Reply, Server, Stores, chat, last_user_message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::Instant;

const OF_THE_SIGNAL: [&str; 8] = [
    "voice_naturalness",
    "turn_taking_naturalness",
    "speech_intelligibility",
    "voice_consistency",
    "agent_responsiveness",
    "audio_integrity",
    "voice_reliability",
    "audio_glitch",
];

/// A recording at 8 kHz: mono, of 8 or 16 bits.
fn recording(bits: u16, data: &[u8]) -> String {
    let bytes = u32::from(bits / 8);
    let size = u32::try_from(data.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8000_u32.to_le_bytes());
    file.extend((8000 * bytes).to_le_bytes());
    file.extend((bits / 8).to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(size.to_le_bytes());
    file.extend(data);
    format!("data:audio/wav;base64,{}", STANDARD.encode(file))
}

/// Two words and the pauses around them.
fn speech(hz: f64) -> String {
    let mut phase = 0.0_f64;
    let sample = |i: u32| {
        let time = f64::from(i) / 8000.0;
        phase += std::f64::consts::TAU * hz * (1.0 + 0.1 * (20.0 * time).sin()) / 8000.0;
        let room = f64::from((i * 7919) % 41) - 20.0;
        let loud = (0.1..0.7).contains(&time) || (0.9..1.4).contains(&time);
        let voice = if loud { 9000.0 * phase.sin() } else { 0.0 };
        ((voice + room) as i16).to_le_bytes()
    };
    recording(16, &(0..12_800).flat_map(sample).collect::<Vec<u8>>())
}

fn case(agent: &Value) -> Value {
    let asked = json!({"url": speech(210.0), "start_time": 0});
    json!({"end_reason": "USER_HANGUP", "messages": [
        {"role": "user", "content": "Where is my parcel?", "audio": asked},
        {"role": "assistant", "content": "It comes on Friday.", "audio": agent, "provider_transcript": "wear is my parsnip"},
    ]})
}

fn of_the_signal() -> Vec<Value> {
    OF_THE_SIGNAL
        .iter()
        .map(|kind| json!({"kind": kind}))
        .collect()
}

#[test]
fn recordings_are_scored() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let score = |case: Value, metrics: Value| -> Vec<Value> {
        let body = json!({"case": case, "metrics": metrics});
        let found = client.post("/api/v1/evaluate", &body).expect(200);
        found["results"].as_array().unwrap().clone()
    };
    let good = json!({"url": speech(140.0), "start_time": 2.1});
    for result in score(case(&good), json!(of_the_signal())) {
        // One answer cannot be compared with another.
        let expected = match result["kind"] == "voice_consistency" {
            true => "skipped",
            false => "passed",
        };
        assert_eq!(result["status"], expected, "{result}");
    }
    let broken =
        json!({"url": "data:audio/wav;base64,UklGRgAAAABXQVZFanVuaw==", "start_time": 2.1});
    let found = score(case(&broken), json!([{"kind": "audio_integrity"}]));
    assert_eq!(found[0]["score"], 0.0, "{found:?}");

    for (audio, field) in [
        (json!({"url": "https://example.com/a.wav"}), "url"),
        (json!({"url": "data:audio/mpeg;base64,SUQz"}), "url"),
        (
            json!({"url": speech(140.0), "start_time": -1}),
            "start_time",
        ),
    ] {
        let body = json!({"case": case(&audio), "metrics": [{"kind": "audio_glitch"}]});
        let doc = client.post("/api/v1/evaluate", &body);
        let doc = doc.expect_problem(422, "validation");
        let expected = format!("/case/messages/1/audio/{field}");
        assert_eq!(doc["errors"][0]["field"], expected, "{doc}");
    }
}

#[test]
fn the_longest_recording_is_scored_in_time() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    // Nearly all that a case may have, eleven minutes of a tone, which is the most work.
    let tone = |i: u32| (128.0 + 100.0 * (f64::from(i) * 0.2).sin()) as u8;
    let data: Vec<u8> = (0..(5 << 20) - 20_000).map(tone).collect();
    let long = json!({"url": recording(8, &data), "start_time": 2.1});
    let mut case = case(&long);
    case["messages"].as_array_mut().unwrap().remove(0);
    let body = json!({"case": case, "metrics": of_the_signal()});
    let begun = Instant::now();
    let found = client.post("/api/v1/evaluate", &body).expect(200);
    println!("eleven minutes took {:?}", begun.elapsed());
    assert_eq!(found["results"][7]["score"], 0.0, "{found}");
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn what_was_heard_is_judged() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let judge = Server::start(|_, body| {
        let asked = last_user_message(body);
        if asked.contains("\"verdicts\"") {
            assert!(asked.contains("wear is my parsnip"), "{asked}");
            // The recording is of no use to it.
            assert!(!asked.contains("base64"), "{asked}");
            return chat(
                r#"{"verdicts": [{"verdict": "no", "reason": "A parcel is no parsnip."}]}"#,
            );
        }
        chat(r#"{"reason": "The parcel was heard as a parsnip."}"#)
    });
    let model =
        json!({"name": "judge", "base_url": format!("{}/v1", judge.url), "model": "scripted"});
    let model = client.post("/api/v1/models", &model).expect(201);
    let good = json!({"url": speech(140.0), "start_time": 2.1});
    let body = json!({"case": case(&good), "metrics": [{"kind": "transcription_accuracy"}], "judge_model_id": model["id"]});
    let found = client.post("/api/v1/evaluate", &body).expect(200);
    let result = &found["results"][0];
    assert_eq!(
        (&result["status"], &result["score"]),
        (&json!("failed"), &json!(0.0))
    );
    assert_eq!(result["reason"], "The parcel was heard as a parsnip.");
    assert_eq!(judge.requests().len(), 2);
}

#[test]
fn recordings_are_transcribed_once_however_often_is_judged() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let server = Server::start(|path, body| {
        if path.ends_with("/audio/transcriptions") {
            return Reply::json(200, &json!({"text": "it comes on monday"}));
        }
        let asked = last_user_message(body);
        if asked.contains("\"verdicts\"") {
            assert!(asked.contains("it comes on monday"), "{asked}");
            return chat(
                r#"{"verdicts": [{"verdict": "yes", "reason": "r"}, {"verdict": "no", "reason": "Another day."}]}"#,
            );
        }
        chat(r#"{"reason": "Another day was heard."}"#)
    });
    let model = |name: &str, url: &str| {
        let body = json!({"name": name, "base_url": format!("{url}/v1"), "model": name});
        client.post("/api/v1/models", &body).expect(201)["id"].clone()
    };
    let (judge, ear) = (model("judge", &server.url), model("ear", &server.url));
    let good = json!({"url": speech(140.0), "start_time": 2.1});
    let mut case = case(&good);
    // What others have written down is not asked for.
    case["messages"][0]["audio"]["transcript"] = json!("Where is my parcel?");
    let body = |ear: &Value| {
        let params = json!({"compare_against": "audio", "stt_model_id": ear});
        json!({"case": case, "metrics": [{"kind": "transcription_accuracy", "params": params}],
            "judge_model_id": judge, "judging": {"runs": 3, "reuse": false}})
    };
    let found = client.post("/api/v1/evaluate", &body(&ear)).expect(200);
    let result = &found["results"][0];
    assert_eq!(result["score"], 0.5, "{result}");
    // Nobody knows what the ear costs.
    assert_eq!(result["cost_usd"], Value::Null, "{result}");
    let heard = server.requests();
    let heard: Vec<_> = heard
        .iter()
        .filter(|(path, _)| path == "/v1/audio/transcriptions")
        .collect();
    assert_eq!(heard.len(), 1);
    let form = |header: &Value| {
        let header = header.as_str().unwrap().to_ascii_lowercase();
        header.starts_with("content-type: multipart/form-data; boundary=")
    };
    assert!(
        heard[0].1["headers"].as_array().unwrap().iter().any(form),
        "{heard:?}"
    );

    let deaf = Server::start(|_, _| Reply::json(401, &json!({"error": {"message": "no key"}})));
    let found = client
        .post("/api/v1/evaluate", &body(&model("deaf", &deaf.url)))
        .expect(200);
    let result = &found["results"][0];
    assert_eq!(
        (&result["status"], &result["score"]),
        (&json!("error"), &Value::Null)
    );
    let reason = result["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("the model of its transcripts"),
        "{reason}"
    );
    let nobody = json!("01a226a8-7293-7528-af2a-6e147b2eb001");
    let doc = client.post("/api/v1/evaluate", &body(&nobody));
    let doc = doc.expect_problem(422, "validation");
    assert_eq!(
        doc["errors"][0]["field"], "/metrics/0/params/stt_model_id",
        "{doc}"
    );
}
