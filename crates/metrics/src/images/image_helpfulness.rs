//! `image_helpfulness`: whether each image of an answer helps to understand the text around it, the mean over all images. As in DeepEval; but an answer without an image leaves the
//! metric nothing to say, where upstream raises an error.

use super::placed;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::Value;

const TASK: &str = "Judge how much the image helps a person to understand the text above and below it. The score is a number from 0 to \
    10: up to 3 when it helps little or not at all, from 4 to 6 when it helps somewhat and has much that does not, from 7 to 9 when it helps \
    a lot, 10 when it makes clear all that the text says. The reasoning names in a few words what decides.";

pub(crate) struct ImageHelpfulness;

impl Metric for ImageHelpfulness {
    fn about(&self) -> About {
        About {
            name: "Image helpfulness",
            description: "Whether each image of the answer helps a reader to understand the text above and below it; the mean over all images. The judge must see images.",
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
