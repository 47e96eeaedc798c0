//! The clock, for the logic layer to read once and hand on.

use assay_model::Timestamp;

/// Now, to the microsecond.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
}

/// Waits without keeping the instance from other requests.
pub async fn sleep(millis: u64) {
    spin_sdk::time::sleep(std::time::Duration::from_millis(millis)).await;
}
