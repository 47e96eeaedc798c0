//! Knowledge bases, and what is known of the documents in them.

use crate::place::Parent;
use crate::resource::Resource;
use assay_model::{DocumentSpec, KnowledgeBaseSpec};

/// Knowledge bases.
pub(crate) struct KnowledgeBases;

impl Resource for KnowledgeBases {
    type Spec = KnowledgeBaseSpec;
    const TABLE: &'static str = "knowledge_bases";
    const NOUN: &'static str = "knowledge base";
    const COUNTED: Option<(&'static str, &'static str)> = Some((
        "document_count",
        "(SELECT count(*) FROM documents d WHERE d.workspace_id = r.workspace_id AND d.parent_id = r.id AND d.deleted_at IS NULL)",
    ));

    fn name(spec: &KnowledgeBaseSpec) -> &str {
        &spec.name
    }

    fn description(spec: &KnowledgeBaseSpec) -> &str {
        &spec.description
    }
}

/// Documents of a knowledge base.
pub(crate) struct Documents;

impl Resource for Documents {
    type Spec = DocumentSpec;
    const TABLE: &'static str = "documents";
    const ID: &'static str = "document_id";
    const PARENT: Option<Parent> = Some(Parent {
        table: KnowledgeBases::TABLE,
        noun: KnowledgeBases::NOUN,
    });
    const NOUN: &'static str = "document";

    fn name(spec: &DocumentSpec) -> &str {
        &spec.name
    }

    fn description(spec: &DocumentSpec) -> &str {
        &spec.description
    }
}
