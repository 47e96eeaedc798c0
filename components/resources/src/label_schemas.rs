//! Label schemas: what people are asked in reviews. A queue keeps them as they are when it is made.

use crate::resource::Resource;
use assay_model::LabelSchemaSpec;

/// Label schemas.
pub(crate) struct LabelSchemas;

impl Resource for LabelSchemas {
    type Spec = LabelSchemaSpec;
    const TABLE: &'static str = "label_schemas";
    const NOUN: &'static str = "label schema";
    const VERSIONED: bool = true;

    fn name(spec: &LabelSchemaSpec) -> &str {
        &spec.name
    }

    fn description(spec: &LabelSchemaSpec) -> &str {
        &spec.description
    }
}
