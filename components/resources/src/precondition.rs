//! `ETag` and `If-Match`, as everywhere.

pub(crate) use assay_edge::precondition::{IfMatch, etag, failed};
