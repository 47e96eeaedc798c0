//! The host of one metric: HTTP on one side, `assay:metric/scorer` on the other (`wit/assay-metric`).
//!
//! `cargo xtask metric` composes it with somebody's metric, and what comes of both is a component of the application that is reached from
//! within alone. It is granted nothing. Of settings it knows two: its own name, and the key by which it tells the evaluator's calls from
//! others', which opens nothing else; the metric cannot ask for either. It keeps nothing between two calls. What the metric does wrong ends
//! this instance, and the evaluator makes an error of it.
//!
//! [`call`] proves calls, [`answer`] puts what the metric says into JSON; `entry` is what only wasm has.

pub mod answer;
pub mod call;
#[cfg(target_arch = "wasm32")]
mod entry;
