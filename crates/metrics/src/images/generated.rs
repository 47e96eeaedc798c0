//! What is asked of an image that an agent has made or edited: whether it is what was asked for (semantic consistency), and whether it is
//! well made (perceptual quality). VIEScore, as DeepEval has it.

use super::{MOST, points, read_points, read_reasoning};
use crate::judge::Judge;
use crate::pictures::shown_image;
use crate::prompt::{list, object, question, text};
use crate::registry::{Scored, Unscored};
use assay_model::Image;
use futures::future::try_join;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The parameters that both have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    #[serde(default)]
    pub(super) strict: bool,
}

impl Params {
    /// Their schema.
    pub(super) fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {"strict": {"type": "boolean", "default": false, "description": "Only a full score passes; any other is 0."}},
            "additionalProperties": false,
        })
    }
}

/// The question whether an image is what was asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) task: &'static str,
    pub(super) material: Value,
    /// How many numbers the judge gives.
    pub(super) numbers: usize,
}

const QUALITY: &str = "Judge how well the image is made, not what it shows: somebody had a machine make it. Give two numbers in `score`. The first is \
    from 0 (the scene looks wrong: distances, shadows or light as they cannot be) to 10 (it looks natural, or is consistent in the \
    style that it has). The second is from 0 (much of it is spoilt: distortions, watermarks, scratches, blurred faces, bodies as they \
    cannot be, subjects that do not belong together) to 10 (nothing is). The reasoning names in a few words what decides.";

/// Has the judge look at `image`, in both regards.
///
/// # Errors
/// When the judge gives no usable answers.
pub(super) async fn score(
    judge: Judge,
    params: Params,
    asked: Asked,
    image: Image,
) -> Result<Scored, Unscored> {
    let (first, second) = (judge.branch(0), judge.branch(1));
    let material = json!({"image": shown_image(&image)});
    let (consistency, quality) = try_join(
        numbers(&first, asked.task, &asked.material, asked.numbers),
        numbers(&second, QUALITY, &material, 2),
    )
    .await?;
    let unread = || Unscored::Error("the judge gave no numbers".to_owned());
    let score = image_score(&consistency.0, &quality.0).ok_or_else(unread)?;
    let (sc, pq) = (least(&consistency.0), least(&quality.0));
    let (sc, pq) = (sc.unwrap_or_default(), pq.unwrap_or_default());
    let reason = format!(
        "As it was asked for: {sc} of 10. {}\nAs it is made: {pq} of 10. {}",
        consistency.1, quality.1
    );
    let scored = Scored {
        breakdown: BTreeMap::from([
            ("semantic_consistency".to_owned(), sc / MOST),
            ("perceptual_quality".to_owned(), pq / MOST),
        ]),
        ..Scored::judged(score, reason)
    };
    Ok(scored.strictly(params.strict))
}

/// Has the judge give `count` numbers from 0 to 10, with its reasoning.
async fn numbers(
    judge: &Judge,
    task: &str,
    material: &Value,
    count: usize,
) -> Result<(Vec<f64>, String), String> {
    let mut several = list(&points());
    if let Some(schema) = several.as_object_mut() {
        schema.insert("minItems".to_owned(), json!(count));
        schema.insert("maxItems".to_owned(), json!(count));
    }
    let schema = object(&[("reasoning", text()), ("score", several)]);
    let call = question("ReasonScore", task, material, schema);
    let read = |found: &Value| {
        let given = found.get("score").and_then(Value::as_array);
        let given = given.ok_or("it has no list `score`")?;
        let read: Option<Vec<f64>> = given.iter().map(read_points).collect();
        let read = read.ok_or("`score` must have numbers from 0 to 10 only")?;
        if read.len() != count {
            return Err(format!(
                "`score` must have {count} numbers, not {}",
                read.len()
            ));
        }
        Ok((read, read_reasoning(found)))
    };
    judge.ask(call, |found, _| read(found)).await
}

fn least(numbers: &[f64]) -> Option<f64> {
    numbers.iter().copied().reduce(f64::min)
}

/// The score, in `[0, 1]`, of an image whose consistency with what was asked for and whose quality were given points from 0 to 10: the
/// geometric mean of the least of each, so that a zero in anything is a zero. `None` where either was given none.
#[must_use]
pub fn image_score(consistency: &[f64], quality: &[f64]) -> Option<f64> {
    Some((least(consistency)? * least(quality)?).sqrt() / MOST)
}
