//! Metrics of images with a scripted judge.

use super::generated::image_score;
use super::placed::around;
use crate::{Evaluation, Step};
use assay_llm::ChatAnswer;
use assay_model::{Content, MetricResult, MetricSpec, MetricStatus, Part, TestCase};
use serde_json::{Value, json};

/// Parts as a client writes them: what begins with `!` is an image of that name.
fn content(parts: &[&str]) -> Content {
    let part = |part: &&str| match part.strip_prefix('!') {
        Some(name) => {
            json!({"type": "image_url", "image_url": {"url": format!("https://example.com/{name}.png")}})
        }
        None => json!({"type": "text", "text": part}),
    };
    serde_json::from_value(parts.iter().map(part).collect()).unwrap()
}

fn case(input: &[&str], output: &[&str]) -> TestCase {
    TestCase {
        input: content(input),
        actual_output: Some(content(output)),
        ..TestCase::default()
    }
}

/// What a judge saw: the names of the images, and the material's text.
type Seen = (Vec<String>, String);

/// Plays `kind` with a judge who gives `answers` in the order in which it is asked.
fn play(
    kind: &str,
    params: Value,
    case: &TestCase,
    answers: &[Value],
) -> (MetricResult, Vec<Seen>) {
    let spec: MetricSpec = serde_json::from_value(json!({"kind": kind, "params": params})).unwrap();
    crate::check_spec(&spec).unwrap();
    let (mut evaluation, mut step) = Evaluation::start(&spec, case);
    let (mut open, mut seen) = (Vec::new(), Vec::new());
    let mut answers = answers.iter();
    loop {
        match step {
            Step::Done(result) => return (result, seen),
            Step::Ask(more) => open.extend(more),
            Step::Run(errand) => panic!("{errand:?}"),
        }
        open.sort_by(|a, b| (&a.branch, a.id).cmp(&(&b.branch, b.id)));
        let asked = open.remove(0);
        let said = &asked.call.messages[1].content;
        let names = said
            .images()
            .map(|i| i.url.trim_start_matches("https://example.com/").to_owned());
        seen.push((names.collect(), said.to_string()));
        let answer = ChatAnswer {
            content: answers.next().unwrap().to_string(),
            ..ChatAnswer::default()
        };
        step = evaluation.answer(asked.id, Ok(answer));
    }
}

fn says(score: Value) -> Value {
    json!({"reasoning": "because", "score": score})
}

#[test]
fn the_least_of_both_decides() {
    let check = |sc: &[f64], pq: &[f64], expected: Option<f64>| {
        assert_eq!(image_score(sc, pq), expected, "{sc:?} {pq:?}");
    };
    check(&[10.0], &[10.0, 10.0], Some(1.0));
    check(&[4.0, 9.0], &[10.0, 9.0], Some(0.6));
    check(&[0.0], &[10.0, 10.0], Some(0.0));
    check(&[10.0], &[10.0, 0.0], Some(0.0));
    check(&[], &[10.0], None);
    check(&[10.0], &[], None);
}

#[test]
fn an_image_from_text() {
    let case = case(&["A red cat"], &["Here it is:", "!cat"]);
    let answers = [says(json!([4])), says(json!([10, 9]))];
    let (result, seen) = play("text_to_image", json!({}), &case, &answers);
    assert_eq!(result.score, Some(0.6));
    assert_eq!(result.status, MetricStatus::Passed);
    assert_eq!(result.breakdown["semantic_consistency"], 0.4);
    assert_eq!(result.breakdown["perceptual_quality"], 0.9);
    assert!(
        result.reason.contains("4 of 10. because"),
        "{}",
        result.reason
    );
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (&seen[0].0, &seen[1].0),
        (&vec!["cat.png".to_owned()], &vec!["cat.png".to_owned()])
    );
    assert!(seen[0].1.contains("A red cat"));
    // Quality has nothing to do with what was asked for.
    assert!(!seen[1].1.contains("A red cat"));
    let (strict, _) = play("text_to_image", json!({"strict": true}), &case, &answers);
    assert_eq!(
        (strict.score, strict.status),
        (Some(0.0), MetricStatus::Failed)
    );
}

#[test]
fn an_edited_image() {
    let case = case(&["!before", "Make it night."], &["!after"]);
    let answers = [says(json!([9, 4])), says(json!([9, 9]))];
    let (result, seen) = play("image_editing", json!({}), &case, &answers);
    assert_eq!(result.score, Some(0.6));
    assert_eq!(seen[0].0, ["before.png", "after.png"]);
    assert_eq!(seen[1].0, ["after.png"]);
}

#[test]
fn numbers_that_fail_are_asked_for_again() {
    let case = case(&["A cat"], &["!cat"]);
    for bad in [
        json!([11]),
        json!([-1]),
        json!([]),
        json!([5, 5]),
        json!(5),
        json!(["x"]),
        json!(null),
    ] {
        // The question of the first branch is put again before that of the second.
        let answers = [
            says(bad.clone()),
            says(json!(["10"])),
            says(json!([10, 10])),
        ];
        let (result, seen) = play("text_to_image", json!({}), &case, &answers);
        assert_eq!(result.score, Some(1.0), "{bad} {}", result.reason);
        assert_eq!(seen.len(), 3, "{bad}");
        let twice = [says(bad.clone()), says(bad.clone())];
        let (result, _) = play("text_to_image", json!({}), &case, &twice);
        assert_eq!(
            (result.status, result.score),
            (MetricStatus::Error, None),
            "{bad}"
        );
    }
}

#[test]
fn without_the_images_there_is_nothing_to_say() {
    let check = |kind: &str, input: &[&str], output: &[&str]| {
        let (result, seen) = play(kind, json!({}), &case(input, output), &[]);
        assert_eq!(
            result.status,
            MetricStatus::Skipped,
            "{kind} {input:?} {output:?}"
        );
        assert!(result.reason.contains("image"), "{}", result.reason);
        assert!(seen.is_empty());
    };
    check("text_to_image", &["A cat"], &["I cannot draw."]);
    check("text_to_image", &["A cat"], &["!one", "!two"]);
    check("text_to_image", &["A cat", "!this"], &["!one"]);
    check("image_editing", &["Darker"], &["!after"]);
    check("image_editing", &["Darker", "!a", "!b"], &["!after"]);
    check("image_editing", &["Darker", "!a"], &["No."]);
    for kind in ["image_coherence", "image_helpfulness", "image_reference"] {
        check(kind, &["Show me.", "!a"], &["No."]);
    }
    let silent = TestCase::default();
    let (result, _) = play("text_to_image", json!({}), &silent, &[]);
    assert_eq!(result.status, MetricStatus::Error);
}

#[test]
fn each_image_is_judged_beside_its_text() {
    let case = case(
        &["How?"],
        &["Open the lid.", "!lid", "Turn the key.", "!key", "!lock"],
    );
    let answers = [says(json!(8)), says(json!("4")), says(json!(0))];
    for kind in ["image_coherence", "image_helpfulness", "image_reference"] {
        let (result, seen) = play(kind, json!({}), &case, &answers);
        assert!((result.score.unwrap() - 0.4).abs() < 1e-12, "{result:?}");
        assert_eq!(result.breakdown.len(), 3);
        assert_eq!(result.breakdown["image_2"], 0.4);
        let images: Vec<&[String]> = seen.iter().map(|(images, _)| images.as_slice()).collect();
        assert_eq!(images, [["lid.png"], ["key.png"], ["lock.png"]]);
        assert!(seen[0].1.contains("Open the lid.") && seen[0].1.contains("Turn the key."));
        assert!(seen[2].1.contains("Turn the key.") && !seen[2].1.contains("Open the lid."));
        let (strict, _) = play(kind, json!({"strict": true}), &case, &answers);
        assert_eq!(strict.score, Some(0.0));
        assert_eq!(strict.threshold, 1.0);
    }
    let answers = [says(json!(10)), says(json!(10)), says(json!(10))];
    let (full, _) = play(
        "image_coherence",
        json!({"strict": true, "max_context_size": 4}),
        &case,
        &answers,
    );
    assert_eq!((full.score, full.status), (Some(1.0), MetricStatus::Passed));
}

#[test]
fn the_text_around() {
    let check = |parts: &[&str], most: Option<usize>, expected: &[(Option<&str>, Option<&str>)]| {
        let found = around(&content(parts), most);
        let found: Vec<_> = found
            .iter()
            .map(|a| (a.above.as_deref(), a.below.as_deref()))
            .collect();
        assert_eq!(found, expected, "{parts:?} {most:?}");
    };
    check(&["!a"], None, &[(None, None)]);
    check(
        &["above", "!a", "below"],
        None,
        &[(Some("above"), Some("below"))],
    );
    check(
        &["above", "!a", "below"],
        Some(2),
        &[(Some("ve"), Some("be"))],
    );
    check(&["one ", "two", "!a"], None, &[(Some("one two"), None)]);
    check(
        &["t", "!a", "!b", "u"],
        None,
        &[(Some("t"), Some("u")), (Some("t"), Some("u"))],
    );
    check(
        &["é😀", "!a", "😀é", "!b"],
        Some(1),
        &[(Some("😀"), Some("😀")), (Some("é"), None)],
    );
    check(
        &["t", "!a", "", "!b"],
        None,
        &[(Some("t"), None), (Some("t"), None)],
    );
    check(&["t"], None, &[]);
    check(&[], None, &[]);
}

#[test]
fn parameters_are_bounded() {
    for (kind, params, fields) in [
        (
            "image_coherence",
            json!({"max_context_size": 0}),
            vec!["/params/max_context_size"],
        ),
        (
            "image_reference",
            json!({"max_context_size": "9"}),
            vec!["/params/max_context_size"],
        ),
        (
            "image_helpfulness",
            json!({"max_context_size": null}),
            vec![],
        ),
        (
            "text_to_image",
            json!({"max_context_size": 9}),
            vec!["/params/max_context_size"],
        ),
        (
            "image_editing",
            json!({"strict": 1}),
            vec!["/params/strict"],
        ),
    ] {
        let spec: MetricSpec =
            serde_json::from_value(json!({"kind": kind, "params": params})).unwrap();
        let found = crate::check_spec(&spec).err().unwrap_or_default();
        let found: Vec<&str> = found.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(found, fields, "{kind} {params}");
    }
}

#[test]
fn the_wire_has_an_image_where_the_text_names_it() {
    let case = case(&["A cat"], &["!cat"]);
    let spec: MetricSpec = serde_json::from_value(json!({"kind": "text_to_image"})).unwrap();
    let (_, Step::Ask(asked)) = Evaluation::start(&spec, &case) else {
        panic!("no question");
    };
    let parts = asked[0].call.messages[1].content.parts();
    assert!(
        matches!(&parts[0], Part::Text { text } if text.ends_with("\"image\":{\"image\":1}")),
        "{parts:?}"
    );
    assert!(
        matches!(&parts[1], Part::ImageUrl { image_url } if image_url.url.ends_with("/cat.png"))
    );
    assert!(matches!(&parts[2], Part::Text { text } if text.contains("Images are material too")));
    let hashes: Vec<&String> = asked.iter().map(|a| &a.call.prompt_hash).collect();
    assert_ne!(hashes[0], hashes[1]);
}
