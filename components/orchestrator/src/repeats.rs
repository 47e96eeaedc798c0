//! How surely an agent passes an item that it is given several times: pass^k and pass@k of a campaign with repetitions.
//!
//! A run that ended in error is no try: it is left out, and an item of which fewer than `k` tries are left says nothing about `k`.

use assay_edge::Problem;
use assay_edge::db::{ScopedDb, Value};
use assay_metrics::pass_k::{pass_at, pass_hat};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// What `k` tries of an item come to, as the mean over items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PassK {
    /// Tries.
    pub(crate) k: u32,
    /// The chance that all pass; none where no item has so many tries.
    pub(crate) pass_hat_k: Option<f64>,
    /// The chance that at least one passes.
    pub(crate) pass_at_k: Option<f64>,
    /// Items that have so many tries.
    pub(crate) items: u64,
    /// Items that have fewer, since runs of theirs ended in error.
    pub(crate) left_out: u64,
}

/// Items of which equally many runs were scored, and equally many of those passed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alike {
    scored: u64,
    passed: u64,
    items: u64,
}

/// Pass^k and pass@k for each `k` up to `repetitions`.
pub(crate) fn pass_k(alike: &[Alike], repetitions: u32) -> Vec<PassK> {
    let of = |k: u32| {
        let mut row = PassK {
            k,
            pass_hat_k: None,
            pass_at_k: None,
            items: 0,
            left_out: 0,
        };
        let (mut all, mut any) = (0.0, 0.0);
        for group in alike {
            let (n, c, k) = (group.scored, group.passed, u64::from(k));
            match (pass_hat(n, c, k), pass_at(n, c, k)) {
                (Some(hat), Some(at)) => {
                    all += hat * group.items as f64;
                    any += at * group.items as f64;
                    row.items += group.items;
                }
                _ => row.left_out += group.items,
            }
        }
        if row.items > 0 {
            row.pass_hat_k = Some(all / row.items as f64);
            row.pass_at_k = Some(any / row.items as f64);
        }
        row
    };
    (1..=repetitions).map(of).collect()
}

/// The items of several campaigns, in one query.
pub(crate) async fn counts(
    db: &ScopedDb,
    campaigns: &[&str],
) -> Result<HashMap<String, Vec<Alike>>, Problem> {
    let mut all: HashMap<String, Vec<Alike>> = HashMap::new();
    if campaigns.is_empty() {
        return Ok(all);
    }
    let counted = |ids: &str| {
        format!(
            "SELECT campaign_id, scored, passed, count(*) AS items FROM \
             (SELECT campaign_id, count(CASE WHEN status IN ('passed', 'failed') THEN 1 END) AS scored, \
               count(CASE WHEN status = 'passed' THEN 1 END) AS passed \
              FROM runs WHERE workspace_id = $1 AND forked_from IS NULL AND campaign_id IN ({ids}) \
              GROUP BY campaign_id, item_key, agent, persona_id) AS by_item \
             GROUP BY campaign_id, scored, passed ORDER BY campaign_id, scored, passed"
        )
    };
    let sqlite = counted("SELECT value FROM json_each($2)");
    let postgres = counted("SELECT jsonb_array_elements_text($2::text::jsonb)");
    let sql = db.pick(&sqlite, &postgres);
    let ids = json!(campaigns).to_string();
    for row in db.query(sql, [Value::Text(ids)]).await? {
        let count = |column: &str| {
            row.int(column)
                .map(|n| u64::try_from(n).unwrap_or_default())
        };
        let alike = Alike {
            scored: count("scored")?,
            passed: count("passed")?,
            items: count("items")?,
        };
        all.entry(row.text("campaign_id")?).or_default().push(alike);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(scored: u64, passed: u64, items: u64) -> Alike {
        Alike {
            scored,
            passed,
            items,
        }
    }

    #[test]
    fn the_mean_over_items() {
        // Two items that always pass, one that passes two times in four, one that never does.
        let rows = pass_k(&[alike(4, 4, 2), alike(4, 2, 1), alike(4, 0, 1)], 4);
        let hats: Vec<f64> = rows.iter().filter_map(|r| r.pass_hat_k).collect();
        let ats: Vec<f64> = rows.iter().filter_map(|r| r.pass_at_k).collect();
        let near = |a: &[f64], b: [f64; 4]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(
            near(&hats, [0.625, (2.0 + 1.0 / 6.0) / 4.0, 0.5, 0.5]),
            "{hats:?}"
        );
        assert!(
            near(&ats, [0.625, (2.0 + 5.0 / 6.0) / 4.0, 0.75, 0.75]),
            "{ats:?}"
        );
        assert!(rows.iter().all(|r| r.items == 4 && r.left_out == 0));
    }

    #[test]
    fn errors_are_no_tries() {
        // One item passed thrice, of another two of three runs ended in error, of the third all.
        let rows = pass_k(&[alike(3, 3, 1), alike(1, 0, 1), alike(0, 0, 1)], 3);
        let told: Vec<(Option<f64>, u64, u64)> = rows
            .iter()
            .map(|r| (r.pass_hat_k, r.items, r.left_out))
            .collect();
        assert_eq!(
            told,
            [(Some(0.5), 2, 1), (Some(1.0), 1, 2), (Some(1.0), 1, 2)]
        );
        let none = pass_k(&[alike(0, 0, 5)], 2);
        assert_eq!((none[1].pass_hat_k, none[1].left_out), (None, 5));
    }
}
