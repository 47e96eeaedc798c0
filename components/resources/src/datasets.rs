//! Datasets. Their items are in [`crate::items`].

use crate::resource::Resource;
use assay_model::DatasetSpec;

/// Datasets.
pub(crate) struct Datasets;

impl Resource for Datasets {
    type Spec = DatasetSpec;
    const TABLE: &'static str = "datasets";
    const NOUN: &'static str = "dataset";
    const VERSIONED: bool = true;
    const COUNTED: Option<(&'static str, &'static str)> = Some((
        "item_count",
        "(SELECT count(*) FROM dataset_items i WHERE i.workspace_id = r.workspace_id AND i.dataset_id = r.id)",
    ));

    fn name(spec: &DatasetSpec) -> &str {
        &spec.name
    }

    fn description(spec: &DatasetSpec) -> &str {
        &spec.description
    }
}
