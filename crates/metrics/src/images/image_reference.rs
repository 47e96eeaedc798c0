//! `image_reference`: whether the text around each image of an answer refers to it, and rightly, the mean over all images. As in DeepEval; but an answer without an image leaves the
//! metric nothing to say, where upstream raises an error.

use super::placed;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::Value;

const TASK: &str = "Judge whether the text above and below the image refers to it or explains it. The score is a number from 0 to 10: 0 \
    when it does not, from 1 to 3 when it does so only by implication and wrongly, from 4 to 6 when it does so by implication, or openly but \
    not fittingly, from 7 to 9 when it does so openly and on the whole rightly, 10 when it does so openly, in the right place and without a \
    mistake. The reasoning names in a few words what decides.";

pub(crate) struct ImageReference;

impl Metric for ImageReference {
    fn about(&self) -> About {
        About {
            name: "Image reference",
            description: "Whether the text above and below each image of the answer refers to it or explains it, and rightly; the mean over all images. The judge must see images.",
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
