//! Metrics of whole conversations, one file each.

pub(crate) mod conversation_completeness;
pub(crate) mod goal_accuracy;
pub(crate) mod interactions;
pub(crate) mod knowledge_retention;
pub(crate) mod role_adherence;
pub(crate) mod tool_use;
pub(crate) mod topic_adherence;
pub(crate) mod turn_contextual_precision;
pub(crate) mod turn_contextual_recall;
pub(crate) mod turn_contextual_relevancy;
pub(crate) mod turn_faithfulness;
pub(crate) mod turn_relevancy;
mod windowed;
