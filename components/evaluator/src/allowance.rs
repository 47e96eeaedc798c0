//! What judges may spend on a day for a rule of online evaluation: what would be more is not begun.
//!
//! One instance at a time works for a rule, so that what is under way is known here; what was spent is in the store before a call
//! begins, and so is not forgotten by a crash.

use assay_edge::clock;
use assay_edge::evaluation_queue::turns::Turn;
use assay_graph::budget::{Cap, Spent, before_call};
use assay_model::{Budget, DailyBudget};
use std::cell::{Cell, RefCell};

/// How often somebody who waits for the first price looks, in milliseconds.
const LOOK_EVERY_MS: u64 = 20;

/// Why nothing more is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A bound of the day.
    Budget(Cap),
    /// A call's price is not known, and what calls cost is bounded.
    NoPrice,
    /// Another instance works for the rule by now.
    Lost,
}

impl Stop {
    /// For a person.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Budget(Cap::JudgeCalls) => {
                "judges were called as often today as the rule may; it goes on at midnight UTC"
            }
            Self::Budget(_) => {
                "the next call of a judge could cost more than the rule may today; it goes on at midnight UTC"
            }
            Self::NoPrice => {
                "what the judge costs is not known, and the rule bounds it: its model needs a price"
            }
            Self::Lost => "another instance works for the rule",
        }
    }
}

/// What may be spent in a turn.
pub(crate) struct Allowance<'t> {
    turn: &'t Turn<'t>,
    budget: DailyBudget,
    spent: RefCell<Spent>,
    under_way: Cell<u64>,
    stopped: Cell<Option<Stop>>,
}

impl<'t> Allowance<'t> {
    pub(crate) fn of(turn: &'t Turn<'t>) -> Self {
        Self {
            turn,
            budget: turn.spec.daily_budget,
            spent: RefCell::new(Spent {
                cost_usd: turn.spent.cost_usd,
                judge_calls: turn.spent.judge_calls,
                calls: turn.spent.calls,
                ..Spent::default()
            }),
            under_way: Cell::new(0),
            stopped: Cell::new(None),
        }
    }

    /// Why nothing more is begun, where that is so.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        let reached = || self.cap().map(Stop::Budget);
        self.stopped.get().or_else(reached)
    }

    /// The bound that one more call could pass.
    fn cap(&self) -> Option<Cap> {
        let budget = Budget {
            cost_usd: self.budget.cost_usd,
            judge_calls: self.budget.judge_calls,
            ..Budget::default()
        };
        before_call(&budget, &self.spent.borrow(), self.under_way.get(), true)
    }
}

/// What the judges of one trace may spend, of all that may be.
pub(crate) struct Purse<'a> {
    of: &'a Allowance<'a>,
    refused: Cell<Option<Stop>>,
}

impl<'a> Purse<'a> {
    pub(crate) const fn of(allowance: &'a Allowance<'a>) -> Self {
        Self {
            of: allowance,
            refused: Cell::new(None),
        }
    }

    /// Why a call was not begun, where one was not.
    pub(crate) const fn refused(&self) -> Option<Stop> {
        self.refused.get()
    }

    /// Has a call begin, or says why it must not, for a person.
    pub(crate) async fn begin(&self) -> Result<Spending<'a>, String> {
        let all = self.of;
        // Until one has said what calls cost, each goes alone.
        while all.budget.cost_usd.is_some()
            && all.spent.borrow().calls == 0
            && all.under_way.get() > 0
        {
            clock::sleep(LOOK_EVERY_MS).await;
        }
        if let Some(stop) = all.stopped() {
            return Err(self.refuse(stop));
        }
        all.spent.borrow_mut().judge_calls += 1;
        all.under_way.set(all.under_way.get() + 1);
        let spending = Spending { of: all };
        match all.turn.call_begins().await {
            Ok(true) => Ok(spending),
            Ok(false) => Err(self.refuse(Stop::Lost)),
            Err(_) => Err("what judges spend cannot be written down".to_owned()),
        }
    }

    fn refuse(&self, stop: Stop) -> String {
        self.of.stopped.set(Some(stop));
        self.refused.set(Some(stop));
        stop.reason().to_owned()
    }
}

/// A call under way; it is over when this is dropped.
pub(crate) struct Spending<'a> {
    of: &'a Allowance<'a>,
}

impl Spending<'_> {
    /// The call was answered, and cost so much.
    pub(crate) async fn end(self, cost_usd: Option<f64>) {
        let all = self.of;
        if cost_usd.is_none() && all.budget.cost_usd.is_some() {
            all.stopped.set(Some(Stop::NoPrice));
        }
        {
            let mut spent = all.spent.borrow_mut();
            spent.calls += 1;
            spent.cost_usd += cost_usd.unwrap_or(0.0);
        }
        if all.turn.call_cost(cost_usd.unwrap_or(0.0)).await.is_err() {
            // What is not written down could be spent again: nothing more is begun in this turn.
            all.stopped.set(Some(Stop::Lost));
        }
    }
}

impl Drop for Spending<'_> {
    fn drop(&mut self) {
        let under_way = self.of.under_way.get();
        self.of.under_way.set(under_way.saturating_sub(1));
    }
}
