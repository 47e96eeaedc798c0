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
}
