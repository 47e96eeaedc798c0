//! What is done to traces by time: how long, and how often.

/// How long the events that observations are put together of are kept apart, in milliseconds.
pub const EVENTS_KEPT_MS: i64 = 48 * 3_600_000;
/// How often a workspace is looked at for traces that are too old when none was left, in milliseconds.
pub const CLEARED_EVERY_MS: i64 = 3_600_000;
