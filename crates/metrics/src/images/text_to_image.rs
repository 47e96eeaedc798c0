//! `text_to_image`: whether an image is what the user asked for, and well made. As in DeepEval; but a question that has an image itself,
//! or an answer that has not exactly one, leaves the metric nothing to say, where upstream raises an error.

use super::generated::{Asked, Params, score};
use super::only_image;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::pictures::shown_image;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct TextToImage;

impl Metric for TextToImage {
    fn about(&self) -> About {
        About {
            name: "Text to image",
            description: "Whether the image of the answer shows what the user asked for and is well made: the geometric mean of the \
                          lowest of each. The judge must see images.",
            required_fields: &["input", "actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: Params::schema(),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        if case.input.images().next().is_some() {
            let why = "the question has an image: see `image_editing`";
            return Plan::NotApplicable(why.to_owned());
        }
        let output = case.actual_output.clone().unwrap_or_default();
        let image = match only_image("the answer", &output) {
            Ok(image) => image.clone(),
            Err(why) => return Plan::NotApplicable(why),
        };
        let asked = Asked {
            task: "The image was made by a machine for what the user asked. Judge how well it shows that. `score` has one number from 0 (it \
                   shows nothing of it) to 10 (it shows all of it, and nothing that contradicts it). The reasoning names in a few words \
                   what decides.",
            material: json!({"asked for": crate::fields::shown("input", case), "image": shown_image(&image)}),
            numbers: 1,
        };
        Plan::judge(move |judge: Judge| score(judge, params, asked, image))
    }
}
