//! What calls cost, by the prices of the workspace's models, where the client does not say.

use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Problem, Remembered};
use assay_model::{ModelSpec, Observation, Price};
use std::collections::HashMap;
use std::rc::Rc;

/// How long prices are remembered, in milliseconds.
const FRESH_MS: i64 = 30_000;
/// Prices by the names under which calls name a model.
type Prices = HashMap<String, Price>;

thread_local! {
    static KNOWN: Remembered<Prices> = Remembered::default();
}

async fn prices(db: &ScopedDb) -> Result<Rc<Prices>, Problem> {
    if let Some(prices) = KNOWN.with(|known| known.get(db.workspace())) {
        return Ok(prices);
    }
    // The newest last, so that it wins.
    let sql = "SELECT spec FROM models WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY created_at LIMIT 1000";
    let mut prices = HashMap::new();
    for row in db.query(sql, []).await? {
        // What an older program wrote and this one cannot read has no price.
        if let Ok(spec) = row.json::<ModelSpec>("spec")
            && let Some(price) = spec.price
        {
            prices.insert(spec.name, price);
            prices.insert(spec.model, price);
        }
    }
    Ok(KNOWN.with(|known| known.keep(db.workspace(), prices, FRESH_MS)))
}

/// Gives observations the cost that they lack.
pub(crate) async fn complete(ctx: &Ctx, observations: &mut [Observation]) -> Result<(), Problem> {
    let lacks = |o: &Observation| o.cost_usd.is_none() && o.model.is_some() && o.usage.is_some();
    if !observations.iter().any(lacks) {
        return Ok(());
    }
    let prices = prices(&ctx.db().await?).await?;
    if prices.is_empty() {
        return Ok(());
    }
    for o in observations.iter_mut().filter(|o| lacks(o)) {
        let price = o.model.as_ref().and_then(|model| prices.get(model));
        if let (Some(price), Some(usage)) = (price, o.usage) {
            let dollars = |tokens: u64, million: f64| tokens as f64 * million / 1e6;
            let input = dollars(usage.input, price.input_per_million);
            let output = dollars(usage.output, price.output_per_million);
            o.cost_usd = Some(input + output);
            o.cost_details = [
                ("input", input),
                ("output", output),
                ("total", input + output),
            ]
            .map(|(bucket, cost)| (bucket.to_owned(), cost))
            .into();
        }
    }
    Ok(())
}
