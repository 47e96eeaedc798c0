//! Tests of models behind the Gemini API: answers as its documentation shows them.

use super::super::{model_call, parse_model};
use super::*;
use proptest::prelude::*;

fn gemini(extra: Value) -> ModelSpec {
    let mut fields = json!({"name": "m", "provider": "gemini", "model": "gemini-2.5-flash",
        "base_url": "https://generativelanguage.googleapis.com/v1beta",
        "price": {"input_per_million": 1.0, "output_per_million": 10.0}});
    let all = fields.as_object_mut().unwrap();
    all.extend(extra.as_object().unwrap().clone());
    serde_json::from_value(fields).unwrap()
}

fn sent(model: &ModelSpec, messages: &[Message], options: &ChatOptions) -> Value {
    serde_json::from_slice(&model_call(model, messages, options).body).unwrap()
}

fn answer(parts: Value, finish: &str) -> Value {
    json!({
        "candidates": [{
            "content": {"parts": parts, "role": "model"},
            "finishReason": finish,
            "index": 0,
            "safetyRatings": [{"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "NEGLIGIBLE"}],
        }],
        "usageMetadata": {"promptTokenCount": 90, "toolUsePromptTokenCount": 10, "candidatesTokenCount": 3,
            "thoughtsTokenCount": 2, "cachedContentTokenCount": 50, "totalTokenCount": 105},
        "modelVersion": "gemini-2.5-flash-001",
        "responseId": "mAitaLmkHPPlz7IPvtfUqQ4",
    })
}

fn heard(answer: &Value) -> Result<ChatAnswer, AnswerError> {
    parse_model(&gemini(json!({})), answer.to_string().as_bytes())
}

#[test]
fn turns_alternate_and_instructions_stand_apart() {
    let messages = [
        Message::new(Role::System, "Be fair."),
        Message::new(Role::User, "one"),
        Message::new(Role::User, "two"),
        Message::new(Role::Assistant, "three"),
        Message::new(Role::Tool, "42"),
        Message::new(Role::Assistant, ""),
        Message::new(Role::User, "four"),
    ];
    assert_eq!(
        sent(&gemini(json!({})), &messages, &ChatOptions::default()),
        json!({
            "systemInstruction": {"parts": [{"text": "Be fair."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "one"}, {"text": "two"}]},
                {"role": "model", "parts": [{"text": "three"}]},
                {"role": "user", "parts": [{"text": "four"}]},
            ],
            "generationConfig": {"maxOutputTokens": 1024, "temperature": 0.0},
        })
    );
}

#[test]
fn what_the_model_does_not_take_is_left_out() {
    let options = ChatOptions {
        response_schema: Some(("Verdict".into(), json!({"type": "object"}))),
        logprobs: true,
        seed: Some(u64::MAX),
        ..ChatOptions::default()
    };
    let config = sent(&gemini(json!({})), &[], &options)["generationConfig"].clone();
    assert_eq!(
        config,
        json!({"maxOutputTokens": 1024, "temperature": 0.0, "seed": i32::MAX, "responseLogprobs": true, "logprobs": 20,
            "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}})
    );
    let none =
        json!({"json_schema": false, "logprobs": false, "seed": false, "temperature": false});
    let bare = sent(&gemini(json!({"capabilities": none})), &[], &options);
    assert_eq!(bare["generationConfig"], json!({"maxOutputTokens": 1024}));
    let cold = ChatOptions {
        without_temperature: true,
        ..ChatOptions::default()
    };
    let body = sent(&gemini(json!({})), &[], &cold);
    assert!(body["generationConfig"].get("temperature").is_none());
}

#[test]
fn names_of_models_cannot_leave_the_path() {
    for (name, path) in [
        ("gemini-2.5-pro", "models/gemini-2.5-pro"),
        ("models/gemini-2.5-pro", "models/gemini-2.5-pro"),
        ("mine?key=1#x:y é", "models/mine%3Fkey%3D1%23x%3Ay%20%C3%A9"),
    ] {
        let call = model_call(
            &gemini(json!({"model": name})),
            &[],
            &ChatOptions::default(),
        );
        let base = "https://generativelanguage.googleapis.com/v1beta";
        assert_eq!(call.url, format!("{base}/{path}:generateContent"));
        assert_eq!(call.auth, Some(AuthSlot::header("x-goog-api-key")));
    }
}

#[test]
fn answers() {
    let mut whole = answer(
        json!([{"text": "I think so.", "thought": true}, {"text": "{\"score\": "}, {"text": "7}", "thoughtSignature": "eA=="}]),
        "STOP",
    );
    whole["candidates"][0]["logprobsResult"] = json!({
        "chosenCandidates": [{"token": "{\"", "logProbability": -0.5, "tokenId": 1}, {"token": "7"},
            {"token": "7", "logProbability": -0.25, "tokenId": 2}],
        "topCandidates": [{"candidates": []}, {},
            {"candidates": [{"token": "7", "logProbability": -0.25}, {"token": "8", "logProbability": -2.5}, {}]}],
    });
    let told = heard(&whole).unwrap();
    assert_eq!(told.content, "{\"score\": 7}");
    assert_eq!(told.finish_reason.as_deref(), Some("stop"));
    assert_eq!(told.model.as_deref(), Some("gemini-2.5-flash-001"));
    assert_eq!(
        told.usage,
        Some(TokenUsage {
            input: 100,
            output: 5
        })
    );
    assert_eq!(told.cost_usd, Some(150.0 / 1e6));
    let likely = |token: &str, logprob| TokenAlternative {
        token: token.into(),
        logprob,
    };
    assert_eq!(
        told.logprobs,
        [
            TokenLogprob {
                token: "{\"".into(),
                logprob: -0.5,
                top: vec![]
            },
            TokenLogprob {
                token: "7".into(),
                logprob: -0.25,
                top: vec![likely("7", -0.25), likely("8", -2.5)]
            },
        ]
    );
    let said = json!([{"text": "{\"score\""}]);
    for (finish, ended) in [
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("OTHER", "other"),
    ] {
        let told = heard(&answer(said.clone(), finish)).unwrap();
        assert_eq!(told.finish_reason.as_deref(), Some(ended), "{finish}");
    }
}

#[test]
fn answers_without_words_are_none() {
    let thought = json!([{"text": "Hm.", "thought": true}]);
    assert_eq!(
        heard(&answer(thought, "MAX_TOKENS")),
        Err(AnswerError::NoRoom)
    );
    assert_eq!(
        heard(&answer(json!([]), "MALFORMED_RESPONSE")),
        Err(AnswerError::Silent(Some("malformed_response".into())))
    );
    // Where the bound left no room there may be no content at all.
    let mut bare = answer(json!([]), "MAX_TOKENS");
    let candidate = bare["candidates"][0].as_object_mut().unwrap();
    candidate.remove("content");
    assert_eq!(heard(&bare), Err(AnswerError::NoRoom));
    let candidate = bare["candidates"][0].as_object_mut().unwrap();
    candidate.remove("finishReason");
    assert_eq!(heard(&bare), Err(AnswerError::Silent(None)));
}

#[test]
fn refusals_are_no_answers() {
    for reason in FILTERED {
        let refused = heard(&answer(json!([{"text": "I can say that"}]), reason)).unwrap_err();
        assert_eq!(refused, AnswerError::Refused(reason.into()));
        assert!(!refused.may_pass(), "who refused once will refuse again");
    }
    let mut told = answer(json!([]), "PROHIBITED_CONTENT");
    told["candidates"][0]["finishMessage"] = json!("It is prohibited.");
    assert_eq!(
        heard(&told),
        Err(AnswerError::Refused(
            "PROHIBITED_CONTENT: It is prohibited.".into()
        ))
    );
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": []},
        "usageMetadata": {"promptTokenCount": 4, "totalTokenCount": 4}, "modelVersion": "gemini-2.5-flash"});
    assert_eq!(heard(&blocked), Err(AnswerError::Refused("SAFETY".into())));
}

#[test]
fn errors() {
    let overloaded = json!({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}});
    assert_eq!(
        heard(&overloaded),
        Err(AnswerError::Reported("The model is overloaded.".into()))
    );
    for malformed in [
        json!({}),
        json!([]),
        json!({"candidates": []}),
        json!({"candidates": 7}),
        json!({"promptFeedback": {}}),
    ] {
        assert_eq!(
            heard(&malformed),
            Err(AnswerError::Shape("there is no `candidates[0]`")),
            "{malformed}"
        );
    }
    let html = parse_model(&gemini(json!({})), b"<html>502</html>").unwrap_err();
    assert!(matches!(html, AnswerError::NotJson { .. }));
    // Counts that are zero are left out; without the prompt's nothing is known.
    let mut odd = answer(
        json!([null, {"text": 7}, {"text": "yes"}, {"inlineData": {}}]),
        "STOP",
    );
    odd["usageMetadata"] = json!({"promptTokenCount": 1});
    let told = heard(&odd).unwrap();
    assert_eq!(told.content, "yes");
    assert_eq!(
        told.usage,
        Some(TokenUsage {
            input: 1,
            output: 0
        })
    );
    odd["usageMetadata"] = json!({"candidatesTokenCount": 1});
    assert_eq!(heard(&odd).unwrap().usage, None);
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,20}") {
        let model = gemini(json!({"model": if text.trim().is_empty() { "m" } else { &text }}));
        let _ = model_call(&model, &[], &ChatOptions::default());
        let _ = parse_model(&model, &body);
        let mut odd = answer(json!([{"text": text}, null, text]), &text);
        odd["candidates"][0]["logprobsResult"] = json!({"chosenCandidates": [text, {"token": text, "logProbability": text}]});
        let _ = heard(&odd);
    }
}
