//! The clock, for the logic layer to read once and hand on.

use assay_model::Timestamp;
use std::future::poll_fn;
use std::pin::pin;

/// Now, to the microsecond.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
}

/// Waits without keeping the instance from other requests.
pub async fn sleep(millis: u64) {
    spin_sdk::time::sleep(std::time::Duration::from_millis(millis)).await;
}

/// Lets other requests of this instance have their turn, in the middle of work that waits for nothing.
pub async fn others() {
    spin_sdk::wasip3::wit_bindgen::yield_async().await;
}

/// Starts a call out of the instance, and lets what it spawned begin.
///
/// The body of a request is written by a task that the call spawns. The executor of `wit-bindgen` (0.57) takes new tasks up
/// after it has polled the others, and then sleeps unless one of them was awoken meanwhile: beside another task that waits for
/// long, such as a body that is streamed, the request's body would never be sent. So the caller wakes itself once.
pub(crate) async fn started<F: Future>(call: F) -> F::Output {
    let mut call = pin!(call);
    let mut awoken = false;
    poll_fn(|context| {
        let polled = call.as_mut().poll(context);
        if polled.is_pending() && !awoken {
            awoken = true;
            context.waker().wake_by_ref();
        }
        polled
    })
    .await
}
