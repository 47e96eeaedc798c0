//! Images among the words of an answer: each is judged beside the text right above it and right below it, and the score is the mean. As in
//! DeepEval.

use super::{MOST, points, read_points, read_reasoning};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::pictures::shown_image;
use crate::prompt::{object, question, text};
use crate::registry::{Plan, Scored, Unscored};
use crate::text::clip;
use assay_model::{Content, Image, Part, TestCase};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most characters of a text beside an image that a judge is shown.
const MAX_CHARS: usize = 20_000;

/// The parameters that all of them have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    max_context_size: Option<u32>,
    #[serde(default)]
    strict: bool,
}

/// Their schema.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "max_context_size": {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_CHARS,
                "description": "Most characters of the text above an image, its last ones, and of the text below it, its first ones, that \
                                the judge is shown; the whole of it when absent."},
            "strict": {"type": "boolean", "default": false, "description": "Only a full score passes; any other is 0."},
        },
        "additionalProperties": false,
    })
}

/// An image and the text nearest to it, on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Around {
    /// The image.
    pub(super) image: Image,
    /// What stands above it.
    pub(super) above: Option<String>,
    /// What stands below it.
    pub(super) below: Option<String>,
}

/// Each image of `content` with the text nearest to it on either side, over other images if need be: at most the last `most` characters
/// above and the first `most` below.
pub(super) fn around(content: &Content, most: Option<usize>) -> Vec<Around> {
    // Texts that stand side by side are one.
    let mut texts: Vec<String> = Vec::new();
    // The images, and how many texts stand above each.
    let mut images: Vec<(&Image, usize)> = Vec::new();
    let mut open = false;
    for part in content.parts() {
        match part {
            Part::Text { text } if text.is_empty() => {}
            Part::Text { text } => {
                match texts.last_mut().filter(|_| open) {
                    Some(last) => last.push_str(text),
                    None => texts.push(text.clone()),
                }
                open = true;
            }
            Part::ImageUrl { image_url } => {
                images.push((image_url, texts.len()));
                open = false;
            }
        }
    }
    let most = most.unwrap_or(usize::MAX);
    let tail = |text: &String| {
        let len = text.chars().count();
        text.chars().skip(len.saturating_sub(most)).collect()
    };
    let head = |text: &String| text.chars().take(most).collect();
    images
        .into_iter()
        .map(|(image, above)| Around {
            image: image.clone(),
            above: above.checked_sub(1).and_then(|i| texts.get(i)).map(tail),
            below: texts.get(above).map(head),
        })
        .collect()
}

/// The plan of a metric that has each image judged by `task`.
pub(super) fn plan(params: &Value, case: &TestCase, task: &'static str) -> Plan {
    let params: Params = match read_params(params) {
        Ok(params) => params,
        Err(plan) => return plan,
    };
    let most = params.max_context_size;
    let most = most.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let output = case.actual_output.clone().unwrap_or_default();
    let images = around(&output, most);
    if images.is_empty() {
        return Plan::NotApplicable("the answer has no image".to_owned());
    }
    Plan::judge(move |judge| score(judge, params.strict, task, images))
}

async fn score(
    judge: Judge,
    strict: bool,
    task: &'static str,
    images: Vec<Around>,
) -> Result<Scored, Unscored> {
    let each = images.iter().enumerate().map(|(i, image)| {
        let shown =
            |text: &Option<String>| json!(text.as_deref().map(|text| clip(text, MAX_CHARS)));
        let material = json!({
            "text above": shown(&image.above),
            "image": shown_image(&image.image),
            "text below": shown(&image.below),
        });
        let schema = object(&[("reasoning", text()), ("score", points())]);
        let call = question("ReasonScore", task, &material, schema);
        let judge = judge.branch(i);
        async move { judge.ask(call, |found, _| read(found)).await }
    });
    let judged = try_join_all(each).await?;
    let scores: Vec<f64> = judged.iter().map(|(points, _)| points / MOST).collect();
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let reasons: Vec<String> = (1..)
        .zip(&judged)
        .map(|(n, (points, why))| format!("Image {n}: {points} of 10. {why}"))
        .collect();
    let breakdown: BTreeMap<String, f64> = if scores.len() > 1 {
        let named = (1..)
            .zip(scores)
            .map(|(n, score)| (format!("image_{n}"), score));
        named.collect()
    } else {
        BTreeMap::new()
    };
    let scored = Scored {
        breakdown,
        ..Scored::judged(mean, reasons.join("\n"))
    };
    Ok(scored.strictly(strict))
}

/// Points from 0 to 10, with the judge's reasoning.
fn read(found: &Value) -> Result<(f64, String), String> {
    let given = found.get("score").ok_or("it has no `score`")?;
    let points = read_points(given).ok_or("`score` must be a number from 0 to 10")?;
    Ok((points, read_reasoning(found)))
}
