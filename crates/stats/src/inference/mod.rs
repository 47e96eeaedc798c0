//! What a number of results says of what they are a sample of.

mod estimate;
mod mcnemar;
mod multiple;
mod paired;
mod power;
mod proportion;
mod signed_rank;

pub use estimate::{Estimate, Test, clustered_mean, mean};
pub use mcnemar::{McNemar, mcnemar};
pub use multiple::{benjamini_hochberg, benjamini_yekutieli, bonferroni, holm};
pub use paired::{Paired, paired, paired_bootstrap, sign_test};
pub use power::{
    Spread, detectable_difference, detectable_difference_by_t, detectable_difference_of,
    sample_size,
};
pub use proportion::{
    ZTest, agresti_coull, clopper_pearson, jeffreys, normal_interval, two_proportions, wilson,
};
pub use signed_rank::{SignedRank, signed_rank};
