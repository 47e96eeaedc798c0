//! Metrics of images that an agent makes or puts into its answers. The judge must be a model that sees.
//!
//! Two sorts: an image that was made or edited as the user asked (`generated`), and images that stand among the words of an answer
//! (`placed`). Without an image none of them has anything to say, where DeepEval raises an error.

pub(crate) mod generated;
pub(crate) mod image_coherence;
pub(crate) mod image_editing;
pub(crate) mod image_helpfulness;
pub(crate) mod image_reference;
pub(crate) mod placed;
pub(crate) mod text_to_image;

#[cfg(test)]
#[path = "images_tests.rs"]
mod tests;

use assay_model::Content;
use serde_json::{Value, json};

/// Most points that a judge gives.
const MOST: f64 = 10.0;

/// The schema of points.
fn points() -> Value {
    json!({"type": "number", "minimum": 0, "maximum": MOST})
}

/// Points as a judge wrote them: a number from 0 to 10, which some models write as text.
fn read_points(found: &Value) -> Option<f64> {
    let number = found
        .as_f64()
        .or_else(|| found.as_str()?.trim().parse().ok());
    number.filter(|points| (0.0..=MOST).contains(points))
}

/// What the judge said of its points.
fn read_reasoning(found: &Value) -> String {
    let said = found.get("reasoning").and_then(Value::as_str);
    said.unwrap_or("the judge gave no reason").to_owned()
}

/// The one image of a content.
///
/// # Errors
/// How many it has instead, for a person; `what` names the content.
fn only_image<'c>(what: &str, content: &'c Content) -> Result<&'c assay_model::Image, String> {
    let mut images = content.images();
    match (images.next(), images.count()) {
        (Some(image), 0) => Ok(image),
        (None, _) => Err(format!("{what} has no image")),
        (Some(_), more) => Err(format!("{what} has {} images, not one", more + 1)),
    }
}
