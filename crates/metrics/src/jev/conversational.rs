//! `conversational_jev_eval`: the questions of `jev_eval` on a conversation, of which the judge sees the turns one by one. DeepEval's
//! `ConversationalJevEval`.
//!
//! Deviations: those of `jev_eval`. Who speaks and what is said is always seen, as upstream; of images in it, which upstream refuses, the words
//! around them.

use super::{Params, params_schema, score, strictest};
use crate::g_eval::conversational::{ALWAYS, FIELDS, material, required};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan};
use assay_model::{TestCase, Validator};
use serde_json::Value;

pub(crate) struct ConversationalJevEval;

impl Metric for ConversationalJevEval {
    fn about(&self) -> About {
        let fields: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        About {
            name: "Weighted questions on a conversation (JevEval)",
            description: "Questions of yours on the whole conversation, each with a weight: statements that are true or not, ordered levels, choices \
                          with credits. The judge only picks answers, and how probable it found each of them makes the score.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                &fields,
                &ALWAYS,
                "What of the conversation the judge sees. `role` and `content` are always seen.",
            ),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            params.check(v);
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        let params = read_params::<Params>(params);
        required(params.map_or_else(|_| Vec::new(), |params| params.fields(&ALWAYS)))
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strictest(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let mut fields: Vec<String> = ALWAYS.iter().map(|&field| field.to_owned()).collect();
        let named = params.fields(&ALWAYS).into_iter();
        fields.extend(named.filter(|field| !ALWAYS.contains(&field.as_str())));
        match material(case, &fields) {
            Ok(material) => Plan::judge(move |judge| score(judge, params, material)),
            Err(why) => Plan::Error(why),
        }
    }
}
