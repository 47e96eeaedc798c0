//! What the process says with its exit code.

use assay_model::{CampaignStatus, CampaignSummary, Gate, GateVerdict, ItemOutcome, RunErrorKind};
use std::process::ExitCode;

/// The exit codes, which scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The gate is reached, or there was nothing to judge.
    Pass,
    /// Quality is below the gate.
    Quality,
    /// The work could not be done at all.
    CouldNotRun,
    /// Too many items could not be scored to say.
    Inconclusive,
    /// Runs wait for somebody, and whoever asked did not want to wait.
    Waiting,
    /// Stopped by a person.
    Interrupted,
}

impl Exit {
    /// The number the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Quality => 1,
            Self::CouldNotRun => 2,
            Self::Inconclusive => 3,
            Self::Waiting => 4,
            Self::Interrupted => 130,
        }
    }

    /// What a finished campaign comes to.
    ///
    /// A campaign of which no item was scored because the target was never reached says nothing of the agent: it could
    /// not run.
    pub(crate) fn of_campaign(
        status: CampaignStatus,
        verdict: Option<GateVerdict>,
        summary: &CampaignSummary,
        gate: &Gate,
        items: &[ItemOutcome],
    ) -> Self {
        if never_reached(summary, items) {
            return Self::CouldNotRun;
        }
        if status == CampaignStatus::Cancelled {
            return Self::Inconclusive;
        }
        match verdict.or_else(|| summary.verdict(gate)) {
            Some(GateVerdict::Passed) => Self::Pass,
            Some(GateVerdict::Failed) => Self::Quality,
            Some(GateVerdict::Inconclusive) | None => Self::Inconclusive,
        }
    }
}

/// Whether every item ended in error because no connection to the target was ever made.
pub(crate) fn never_reached(summary: &CampaignSummary, items: &[ItemOutcome]) -> bool {
    summary.passed + summary.failed == 0
        && !items.is_empty()
        && items.iter().all(|item| {
            item.error.as_ref().is_some_and(|e| {
                matches!(
                    e.kind,
                    RunErrorKind::TargetUnreachable | RunErrorKind::TargetForbidden
                )
            })
        })
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::{errored, passed};

    fn summary(passed: u64, failed: u64, error: u64) -> CampaignSummary {
        CampaignSummary {
            total: passed + failed + error,
            passed,
            failed,
            error,
            ..CampaignSummary::default()
        }
    }

    fn exit(s: &CampaignSummary, items: &[ItemOutcome]) -> u8 {
        let gate = Gate {
            min_pass_rate: 0.9,
            max_error_rate: 0.1,
        };
        Exit::of_campaign(CampaignStatus::Completed, None, s, &gate, items).code()
    }

    #[test]
    fn the_table_of_exit_codes() {
        let some = [passed("a")];
        for (s, code) in [
            (summary(9, 1, 0), 0),
            (summary(10, 0, 0), 0),
            (summary(8, 2, 0), 1),
            (summary(9, 0, 1), 0),
            (summary(8, 0, 2), 3),
            (summary(0, 0, 0), 3),
        ] {
            assert_eq!(exit(&s, &some), code, "{s:?}");
        }
    }

    #[test]
    fn a_target_that_was_never_reached_could_not_run() {
        let down = [
            errored("a", RunErrorKind::TargetUnreachable),
            errored("b", RunErrorKind::TargetForbidden),
        ];
        assert_eq!(exit(&summary(0, 0, 2), &down), 2);
        let sick = [
            errored("a", RunErrorKind::TargetUnreachable),
            errored("b", RunErrorKind::TargetStatus),
        ];
        assert_eq!(exit(&summary(0, 0, 2), &sick), 3);
    }

    #[test]
    fn the_servers_verdict_wins_and_a_cancelled_campaign_is_inconclusive() {
        let gate = Gate::default();
        let s = summary(1, 1, 0);
        let of = |status, verdict| Exit::of_campaign(status, verdict, &s, &gate, &[passed("a")]);
        assert_eq!(
            of(CampaignStatus::Completed, Some(GateVerdict::Passed)),
            Exit::Pass
        );
        assert_eq!(
            of(CampaignStatus::Cancelled, Some(GateVerdict::Passed)),
            Exit::Inconclusive
        );
    }
}
