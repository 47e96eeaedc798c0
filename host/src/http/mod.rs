//! The HTTP trigger.

pub(crate) mod body;
pub(crate) mod headers;
pub(crate) mod inbound;
pub(crate) mod listener;
mod problem;
