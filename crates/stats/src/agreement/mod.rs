//! How far raters agree: people with each other, a judge with people, a judge with itself.
//!
//! An interval of any of these comes from [`crate::bootstrap::Replicates::draw`] over the items.

mod cohen;
mod correlation;
mod fleiss;
mod krippendorff;

pub use cohen::{Weight, cohen_kappa, percent_agreement};
pub use correlation::{kendall_tau_b, pearson, spearman};
pub use fleiss::{fleiss_kappa, free_marginal_kappa};
pub use krippendorff::{Distance, krippendorff_alpha};
