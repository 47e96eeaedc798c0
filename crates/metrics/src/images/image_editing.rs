//! `image_editing`: whether an image was changed as the user asked, no more than that, and well. As in DeepEval; but a question or an
//! answer that has not exactly one image leaves the metric nothing to say, where upstream raises an error.

use super::generated::{Asked, Params, score};
use super::only_image;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::pictures::shown_image;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct ImageEditing;

impl Metric for ImageEditing {
    fn about(&self) -> About {
        About {
            name: "Image editing",
            description: "Whether the image of the question was changed as the user asked, no more than that, and well: the geometric mean \
                          of the lowest of both. The judge must see images.",
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
        let output = case.actual_output.clone().unwrap_or_default();
        let both = only_image("the question", &case.input)
            .and_then(|before| Ok((before, only_image("the answer", &output)?)));
        let (before, after) = match both {
            Ok((before, after)) => (before, after.clone()),
            Err(why) => return Plan::NotApplicable(why),
        };
        let asked = Asked {
            task: "A machine was to edit the first image as the user asked; the second is what it made of it. Give two numbers in `score`. \
                   The first is from 0 (nothing of what was asked for was done) to 10 (all of it was). The second is from 0 (the second \
                   image has nothing of the first any more) to 10 (nothing was changed that did not have to be). The reasoning names in a \
                   few words what decides.",
            material: json!({
                "asked for": crate::fields::shown("input", case),
                "first image": shown_image(before),
                "second image": shown_image(&after),
            }),
            numbers: 2,
        };
        Plan::judge(move |judge: Judge| score(judge, params, asked, after))
    }
}
