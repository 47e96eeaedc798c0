//! Formulas on the relevance of what was retrieved, in the order in which it was.
//!
//! Each takes the first `k` places, or all when there is no `k`. A relevance of `None` is unknown. What depends on one that is
//! unknown has no value. Checked against Phoenix (`tests/oracles/retrieval_metrics.json`).

/// The relevance of each place.
pub type Relevance = Option<f64>;

/// Discounted cumulative gain: gains grow with relevance alone, and count less the later by the logarithm of their place.
/// Järvelin and Kekäläinen, 2002, with the discount of all places but the first.
fn gain(relevance: impl Iterator<Item = f64>) -> f64 {
    let gains = relevance.zip(1_u32..);
    gains
        .map(|(relevance, place)| relevance / f64::from(place + 1).log2())
        .sum()
}

/// nDCG: the gain of what was retrieved, by the gain of the best order of `all` that is relevant; 0 where nothing is.
///
/// Phoenix takes what was retrieved for all that there is. Where more is known to be relevant, what was missed counts here.
#[must_use]
pub fn ndcg(retrieved: &[Relevance], all: &[f64], k: Option<usize>) -> Option<f64> {
    let retrieved: Vec<f64> = retrieved.iter().copied().collect::<Option<_>>()?;
    let k = k.unwrap_or(retrieved.len());
    let mut best = all.to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    let (best, found) = (
        gain(best.into_iter().take(k)),
        gain(retrieved.into_iter().take(k)),
    );
    Some(if best > 0.0 { found / best } else { 0.0 })
}

/// The share of the first `k` places that something relevant stands in; a place that is empty holds nothing relevant.
#[must_use]
pub fn precision_at(retrieved: &[Relevance], k: Option<usize>) -> Option<f64> {
    let places = k.unwrap_or(retrieved.len());
    let found = relevant(retrieved)?.take(places).filter(|is| *is).count();
    Some(found as f64 / places.max(1) as f64)
}

/// The share of `all` relevant documents that is in the first `k` places; `None` where nothing is relevant.
#[must_use]
pub fn recall_at(retrieved: &[Relevance], all: usize, k: Option<usize>) -> Option<f64> {
    let places = k.unwrap_or(retrieved.len());
    let found = relevant(retrieved)?.take(places).filter(|is| *is).count();
    (all > 0).then(|| found as f64 / all as f64)
}

/// Whether something relevant is in the first `k` places: 1 or 0.
#[must_use]
pub fn hit_rate(retrieved: &[Relevance], k: Option<usize>) -> Option<f64> {
    let first = || retrieved.iter().take(k.unwrap_or(retrieved.len()));
    if first().flatten().any(|relevance| *relevance > 0.0) {
        return Some(1.0);
    }
    first().all(Option::is_some).then_some(0.0)
}

/// 1 by the place of the first relevant one, 0 where there is none in the first `k`; its mean over many cases is MRR.
#[must_use]
pub fn reciprocal_rank(retrieved: &[Relevance], k: Option<usize>) -> Option<f64> {
    let places = k.unwrap_or(retrieved.len());
    let place = relevant(retrieved)?.take(places).position(|is| is);
    Some(place.map_or(0.0, |place| 1.0 / (place as f64 + 1.0)))
}

/// Whether what stands in each place is relevant; `None` when that is unknown of one of them.
fn relevant(retrieved: &[Relevance]) -> Option<impl Iterator<Item = bool>> {
    let known: Vec<bool> = retrieved
        .iter()
        .map(|relevance| relevance.map(|relevance| relevance > 0.0))
        .collect::<Option<_>>()?;
    Some(known.into_iter())
}
