//! Whether what comes in now is like what came in before.
//!
//! A *reference* is what is known to be well, the *primary* sample is what is looked at.

mod binned;
mod embedding;
mod two_sample;

pub use binned::{Divergence, QuantileBins, categorical, divergence};
pub use embedding::{CentroidShift, Discrepancy, centroid_shift, kernel_discrepancy};
pub use two_sample::{KolmogorovSmirnov, kolmogorov_smirnov, wasserstein};
