//! What a campaign may spend. What would be more is not begun: the campaign pauses, and somebody may raise the bound.

use assay_model::Budget;
use serde::{Deserialize, Serialize};

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spent {
    /// US dollars, of calls whose price is known.
    pub cost_usd: f64,
    /// Tokens of both kinds.
    pub tokens: u64,
    /// Milliseconds.
    pub wall_ms: u64,
    /// Calls of judges.
    pub judge_calls: u64,
    /// Calls of targets, judges and personas.
    pub calls: u64,
}

/// A bound that was reached, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// US dollars.
    Cost,
    /// Tokens.
    Tokens,
    /// Time.
    WallTime,
    /// Calls of judges.
    JudgeCalls,
}

impl Cap {
    /// Why the campaign pauses, for a person.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Cost => "the next call could cost more than the campaign may",
            Self::Tokens => "the next call could take more tokens than the campaign may",
            Self::WallTime => "the campaign has taken as long as it may",
            Self::JudgeCalls => "judges were called as often as the campaign may",
        }
    }
}

/// The bound that one more call could pass, while so many are under way: each is taken to cost what calls cost on the mean so far.
#[must_use]
pub fn before_call(budget: &Budget, spent: &Spent, under_way: u64, judges: bool) -> Option<Cap> {
    let calls = under_way + 1;
    let mean = |sum: f64| {
        if spent.calls == 0 {
            0.0
        } else {
            sum / spent.calls as f64
        }
    };
    let ahead = |sum: f64| sum + mean(sum) * calls as f64;
    // What is spent to the last bit is spent, also while no mean is known.
    let passed =
        |most: Option<f64>, sum: f64| most.is_some_and(|most| sum >= most || ahead(sum) > most);
    if passed(budget.cost_usd, spent.cost_usd) {
        return Some(Cap::Cost);
    }
    if passed(budget.tokens.map(|t| t as f64), spent.tokens as f64) {
        return Some(Cap::Tokens);
    }
    if budget.wall_ms.is_some_and(|most| spent.wall_ms >= most) {
        return Some(Cap::WallTime);
    }
    let judge_calls = budget.judge_calls.filter(|_| judges);
    if judge_calls.is_some_and(|most| spent.judge_calls >= most) {
        return Some(Cap::JudgeCalls);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_begun_that_could_cost_too_much() {
        let budget = Budget {
            cost_usd: Some(1.0),
            ..Budget::default()
        };
        let spent = |cost_usd, calls| Spent {
            cost_usd,
            calls,
            ..Spent::default()
        };
        assert_eq!(before_call(&budget, &spent(0.0, 0), 50, false), None);
        assert_eq!(before_call(&budget, &spent(0.8, 8), 0, false), None);
        // Two are under way at ten cents each.
        assert_eq!(
            before_call(&budget, &spent(0.8, 8), 2, false),
            Some(Cap::Cost)
        );
        assert_eq!(
            before_call(&budget, &spent(1.0, 8), 0, false),
            Some(Cap::Cost)
        );
        assert_eq!(
            before_call(&Budget::default(), &spent(1e9, 1), 9, true),
            None
        );
    }

    #[test]
    fn each_bound_by_itself() {
        let spent = Spent {
            tokens: 1000,
            wall_ms: 5000,
            judge_calls: 3,
            calls: 10,
            ..Spent::default()
        };
        let none = Budget::default();
        for (budget, judges, cap) in [
            (
                Budget {
                    tokens: Some(1100),
                    ..none
                },
                false,
                None,
            ),
            (
                Budget {
                    tokens: Some(1099),
                    ..none
                },
                false,
                Some(Cap::Tokens),
            ),
            (
                Budget {
                    wall_ms: Some(5001),
                    ..none
                },
                false,
                None,
            ),
            (
                Budget {
                    wall_ms: Some(5000),
                    ..none
                },
                false,
                Some(Cap::WallTime),
            ),
            (
                Budget {
                    judge_calls: Some(3),
                    ..none
                },
                false,
                None,
            ),
            (
                Budget {
                    judge_calls: Some(3),
                    ..none
                },
                true,
                Some(Cap::JudgeCalls),
            ),
        ] {
            assert_eq!(before_call(&budget, &spent, 0, judges), cap, "{budget:?}");
        }
    }
}
