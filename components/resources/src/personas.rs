//! Personas.

use crate::resource::Resource;
use assay_model::PersonaSpec;

/// Personas.
pub(crate) struct Personas;

impl Resource for Personas {
    type Spec = PersonaSpec;
    const TABLE: &'static str = "personas";
    const NOUN: &'static str = "persona";

    fn name(spec: &PersonaSpec) -> &str {
        &spec.name
    }

    fn description(spec: &PersonaSpec) -> &str {
        &spec.description
    }

    fn models(spec: &PersonaSpec) -> Vec<(String, &str)> {
        let model = spec.model.as_deref();
        model.map(|id| ("/model".into(), id)).into_iter().collect()
    }
}
