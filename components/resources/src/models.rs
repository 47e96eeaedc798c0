//! Models that judge or play personas.

use crate::resource::Resource;
use assay_model::ModelSpec;

/// Models that judge or play personas.
pub(crate) struct Models;

impl Resource for Models {
    type Spec = ModelSpec;
    const TABLE: &'static str = "models";
    const NOUN: &'static str = "model";
    const SECRET: Option<&'static str> = Some("api_key");

    fn name(spec: &ModelSpec) -> &str {
        &spec.name
    }
}
