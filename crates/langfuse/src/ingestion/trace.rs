//! What an event says of a trace.

use crate::Invalid;
use crate::body::Body;
use assay_model::{Timestamp, Trace};

/// `id` and `at` are the envelope's: the id of a trace that has none, and the time of one that does not say when it began.
pub(crate) fn read(id: String, at: Timestamp, mut body: Body) -> Result<Trace, Invalid> {
    Ok(Trace {
        id: body.id("id")?.unwrap_or(id),
        name: body.text("name")?,
        timestamp: body.time("timestamp")?.unwrap_or(at),
        user_id: body.text("userId")?,
        session_id: body.id("sessionId")?,
        input: body.value("input").unwrap_or_default(),
        output: body.value("output").unwrap_or_default(),
        metadata: body.metadata().unwrap_or_default(),
        tags: body.texts("tags")?,
        environment: body.environment()?,
        release: body.text("release")?,
        version: body.text("version")?,
        public: body.boolean("public")?,
    })
}
