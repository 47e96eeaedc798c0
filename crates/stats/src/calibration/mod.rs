//! How far a judge's scores and confidences can be believed, and what to make of them.

mod conformal;
mod isotonic;
mod rogan_gladen;
mod scores;
mod threshold;

pub use conformal::{Conformal, split_conformal};
pub use isotonic::Isotonic;
pub use rogan_gladen::{Counted, Detector, corrected_rate, corrected_rate_interval};
pub use scores::{CalibrationError, auroc, brier, calibration_error};
pub use threshold::{Threshold, choose_threshold};
