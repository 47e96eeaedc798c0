//! Images in the fields that metrics show a judge: they go where the field goes, and what they say is as little an instruction as text.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use assay_llm::{ChatAnswer, ChatOptions, model_call};
use assay_metrics::{Asked, Evaluation, Step};
use assay_model::{Content, Message, MetricResult, MetricSpec, MetricStatus, Role, TestCase};
use serde_json::{Value, json};

fn content(text: &str, image: &str) -> Content {
    let url = format!("https://example.com/{image}.png");
    let parts = json!([
        {"type": "text", "text": text},
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": format!("after {image}")},
    ]);
    serde_json::from_value(parts).unwrap()
}

fn case() -> TestCase {
    let mut answer = Message::new(Role::Assistant, content("It is this one.", "said"));
    answer.retrieval_context = vec![content("Page 1", "found")];
    TestCase {
        input: content("Which switch?", "asked"),
        actual_output: Some(content("It is this one.", "answered")),
        expected_output: Some(content("The red one.", "expected")),
        context: vec![content("A fact", "known")],
        retrieval_context: vec![
            content("Page 1", "page1"),
            "Page 2".into(),
            content("Page 3", "page3"),
        ],
        messages: vec![Message::new(Role::User, content("Which?", "shown")), answer],
        ..TestCase::default()
    }
}

/// The names of the images of a question. The order of a JSON object's members is not ours to say.
fn images(asked: &Asked) -> Vec<String> {
    let all = asked.call.messages.iter().flat_map(|m| m.content.images());
    let name = |url: &str| {
        url["https://example.com/".len()..]
            .trim_end_matches(".png")
            .to_owned()
    };
    let mut names: Vec<String> = all.map(|image| name(&image.url)).collect();
    names.sort();
    names
}

/// Something that satisfies a schema: lists of one, the first word of a vocabulary, a full mark.
fn fitting(schema: &Value) -> Value {
    if let Some(words) = schema["enum"].as_array() {
        return words[0].clone();
    }
    match schema["type"].as_str() {
        Some("array") => json!([fitting(&schema["items"])]),
        Some("object") => {
            let properties = schema["properties"].as_object().unwrap().iter();
            Value::Object(properties.map(|(k, s)| (k.clone(), fitting(s))).collect())
        }
        Some("number" | "integer") => json!(1),
        _ => json!("yes"),
    }
}

fn play(kind: &str, params: Value, case: &TestCase) -> (MetricResult, Vec<Asked>) {
    let spec: MetricSpec = serde_json::from_value(json!({"kind": kind, "params": params})).unwrap();
    let (mut evaluation, mut step) = Evaluation::start(&spec, case);
    let (mut open, mut asked) = (Vec::new(), Vec::new());
    loop {
        match step {
            Step::Done(result) => {
                asked.sort_by(|a: &Asked, b: &Asked| (&a.branch, a.id).cmp(&(&b.branch, b.id)));
                return (result, asked);
            }
            Step::Ask(more) => open.extend(more),
            Step::Run(errand) => panic!("{errand:?}"),
        }
        let one: Asked = open.pop().unwrap();
        let mut fits = fitting(&one.call.schema);
        // A verdict on each of the three documents where they are judged together.
        if let Some(verdicts) = fits["verdicts"].as_array_mut()
            && kind == "contextual_precision"
        {
            verdicts.resize(3, verdicts[0].clone());
        }
        let answer = ChatAnswer {
            content: fits.to_string(),
            ..ChatAnswer::default()
        };
        step = evaluation.answer(one.id, Ok(answer));
        asked.push(one);
        assert!(asked.len() < 50);
    }
}

#[test]
fn images_go_where_their_field_goes() {
    let check = |kind: &str, params: Value, expected: &[&[&str]]| {
        let (result, asked) = play(kind, params, &case());
        assert!(result.score.is_some(), "{kind}: {result:?}");
        let seen: Vec<Vec<String>> = asked.iter().map(images).filter(|i| !i.is_empty()).collect();
        assert_eq!(seen, expected, "{kind}");
    };
    let plain = json!({"include_reason": false});
    // Statements and claims are text by then.
    check(
        "answer_relevancy",
        plain.clone(),
        &[&["answered"], &["asked"]],
    );
    check(
        "faithfulness",
        plain.clone(),
        &[&["page1", "page3"], &["answered"]],
    );
    let all: &[&str] = &["asked", "expected", "page1", "page3"];
    check("contextual_precision", plain.clone(), &[all]);
    check(
        "contextual_recall",
        plain.clone(),
        &[&["expected", "page1", "page3"]],
    );
    let each: &[&[&str]] = &[&["asked", "page1"], &["asked"], &["asked", "page3"]];
    check("contextual_relevancy", plain.clone(), each);
    check("hallucination", plain.clone(), &[&["answered", "known"]]);
    check("turn_faithfulness", plain.clone(), &[&["found"], &["said"]]);
    check("turn_relevancy", plain, &[&["said", "shown"]]);
    let steps = json!({"evaluation_steps": ["Look."], "fields": ["input", "actual_output"]});
    check("g_eval", steps, &[&["answered", "asked"]]);
}

#[test]
fn the_material_stays_fenced_and_whole() {
    let (_, asked) = play("contextual_recall", json!({}), &case());
    let text = asked[0].call.messages[1].content.to_string();
    // The newlines are where images stand between the parts of the message.
    let json_text = text.split("The material as JSON:\n").nth(1).unwrap();
    let json_text = json_text.split("\n\nAnswer with").next().unwrap();
    let material: Value = serde_json::from_str(&json_text.replace('\n', "")).unwrap();
    let documents = &material["documents"];
    assert_eq!(documents[0][0], json!("Page 1"));
    assert_eq!(documents[0][2], json!("after page1"));
    assert_eq!(documents[1], json!("Page 2"));
    let pictures = [
        &documents[0][1],
        &documents[2][1],
        &material["expected answer"][1],
    ];
    let mut numbers = pictures.map(|p| p["image"].as_u64().unwrap());
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn a_judge_gets_parts_and_a_hash_of_its_own() {
    let (_, with) = play("contextual_recall", json!({}), &case());
    let mut other = case();
    other.expected_output = Some(content("The red one.", "another"));
    let (_, changed) = play("contextual_recall", json!({}), &other);
    assert_ne!(with[0].call.prompt_hash, changed[0].call.prompt_hash);
    let model = json!({"name": "m", "base_url": "https://api.example.com/v1", "model": "judge"});
    let call = model_call(
        &serde_json::from_value(model).unwrap(),
        &with[0].call.messages,
        &ChatOptions::default(),
    );
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let parts = body["messages"][1]["content"].as_array().unwrap();
    let page = json!({"type": "image_url", "image_url": {"url": "https://example.com/page1.png"}});
    assert!(parts.contains(&page), "{parts:?}");
    assert!(body["messages"][0]["content"].is_string());
}

#[test]
fn an_answer_of_an_image_alone_is_an_answer() {
    let alone: Content = serde_json::from_value(
        json!([{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]),
    )
    .unwrap();
    let case = TestCase {
        input: "Draw a cat.".into(),
        actual_output: Some(alone),
        ..TestCase::default()
    };
    let (result, asked) = play("answer_relevancy", json!({}), &case);
    assert!(result.score.is_some(), "{result:?}");
    assert_eq!(images(&asked[0]), ["a"]);
}

#[test]
fn too_many_images_for_one_question_are_an_error() {
    let many: Vec<Value> = (0..21)
        .map(|n| json!({"type": "image_url", "image_url": {"url": format!("https://example.com/{n}.png")}}))
        .collect();
    let case = TestCase {
        input: "Draw.".into(),
        actual_output: Some(serde_json::from_value(json!(many)).unwrap()),
        ..TestCase::default()
    };
    let (result, asked) = play("answer_relevancy", json!({}), &case);
    assert_eq!((result.status, result.score), (MetricStatus::Error, None));
    assert!(
        result.reason.contains("at most 20 images"),
        "{}",
        result.reason
    );
    assert!(asked.is_empty());
}
