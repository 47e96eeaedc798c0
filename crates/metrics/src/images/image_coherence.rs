//! `image_coherence`: whether each image of an answer belongs to the text around it, the mean over all images. As in DeepEval; but an answer without an image leaves the
//! metric nothing to say, where upstream raises an error.

use super::placed;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::Value;

const TASK: &str = "Judge how well the image belongs to the text above and below it. The score is a number from 0 to 10: up to 3 when \
    image and text have little or nothing to do with one another, from 4 to 6 when they have something in common and the image also shows \
    what the text does not speak of, from 7 to 9 when they agree well, 10 when the image shows just what the text says and adds to it. The \
    reasoning names in a few words what decides.";

pub(crate) struct ImageCoherence;

impl Metric for ImageCoherence {
    fn about(&self) -> About {
        About {
            name: "Image coherence",
            description: "Whether each image of the answer belongs to the text above and below it; the mean over all images. The judge must see images.",
            required_fields: &["input", "actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: placed::schema(),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        placed::plan(params, case, TASK)
    }
}
