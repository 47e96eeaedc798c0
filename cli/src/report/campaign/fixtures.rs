//! A campaign for tests, in hostile words.

use super::select::{Selection, Shown};
use super::summary::Summary;
use super::tally::Tally;
use super::{Arm, Compared, Dataset, Head, Named};
use crate::report::fixtures;
use assay_model::{
    CampaignStatus, Gate, GateVerdict, ItemOutcome, Message, MetricStatus, Role, RunErrorKind,
};
use assay_stats::Level;
use serde_json::json;

/// What an agent may say that no reader should run, see turned, or drown in.
pub(super) const HOSTILE: [&str; 6] = [
    "<script>document.title='pwned'</script>",
    "</style></title><img src=x onerror=\"document.title='pwned'\">",
    "\"><svg/onload=document.title='pwned'> ' onmouseover='x",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "abc\u{202e}txt.exe\u{2066}\u{0}\u{1b}[31m",
    "{{ 7*7 }} {% raw %} שלום",
];

pub(super) fn head() -> Head {
    Head {
        id: "c-1".into(),
        name: format!("nightly {}", HOSTILE[0]),
        status: CampaignStatus::Completed,
        verdict: Some(GateVerdict::Failed),
        gate: Gate::default(),
        created_at: "2026-11-24T06:00:00.000000Z".into(),
        finished_at: Some("2026-11-24T06:03:20.000000Z".into()),
        duration_ms: Some(200_000),
        agents: vec![
            Named {
                id: "agent-1".into(),
                name: Some(HOSTILE[1].into()),
            },
            Named {
                id: "agent-2".into(),
                name: None,
            },
        ],
        dataset: Some(Dataset {
            named: Named {
                id: "d-1".into(),
                name: Some(HOSTILE[2].into()),
            },
            version: Some(3),
            changed_since: Some(true),
        }),
        scenarios: 0,
        judge: Some(Named {
            id: "m-1".into(),
            name: Some("judge".into()),
        }),
        repetitions: 2,
        tags: vec![HOSTILE[4].into()],
        server: "http://127.0.0.1:3210".into(),
        only_agent: None,
    }
}

/// Runs of ten items, two repetitions each, under two agents: every third fails, some err.
pub(super) fn runs() -> Vec<ItemOutcome> {
    let mut out = Vec::new();
    for i in 0..40_u32 {
        let key = format!("item {} {}", i % 10, HOSTILE[(i % 6) as usize]);
        let mut run = match i % 6 {
            0 | 3 => fixtures::failed(&key),
            5 => fixtures::errored(&key, RunErrorKind::TargetTimeout),
            _ => fixtures::passed(&key),
        };
        run.run_id = format!("run-{i}");
        run.repetition = i / 10 % 2;
        run.agent_id = Some(format!("agent-{}", i / 20 + 1));
        run.agent_version = Some(4);
        run.output = run.output.map(|_| HOSTILE[(i % 6) as usize].into());
        run.cost_usd = Some(0.001);
        if let Some(error) = &mut run.error {
            error.message = HOSTILE[1].into();
        }
        for score in &mut run.scores {
            score.reason = HOSTILE[(i % 6) as usize].into();
            if score.status == MetricStatus::Failed {
                score.score = Some(f64::from(i % 5) / 10.0);
            }
        }
        if i == 7 {
            let mut broken = run.scores[0].clone();
            broken.name = HOSTILE[2].into();
            broken.status = MetricStatus::Error;
            broken.score = None;
            run.scores.push(broken);
        }
        out.push(run);
    }
    out
}

pub(super) fn looked_at(most: usize) -> (Summary, Shown) {
    let (mut tally, mut selection) = (Tally::new(Level::P95), Selection::new(most, 5));
    for run in runs() {
        tally.add(&run);
        selection.add(run);
    }
    (tally.finish(&head()), selection.finish())
}

pub(super) fn talk() -> Vec<Message> {
    HOSTILE
        .iter()
        .map(|text| Message::new(Role::User, *text))
        .collect()
}

pub(super) fn compared() -> Compared {
    let arm = |id: &str, name: &str| Arm {
        campaign_id: id.into(),
        name: name.into(),
        agent_id: "agent-1".into(),
        agent_version: 4,
        runs: 20,
    };
    let side = |mean: f64| json!({"mean": mean, "pass_rate": mean, "alone": 0, "errors": 1});
    let metric = |name: Option<&str>, low: f64, high: f64| {
        json!({
            "metric": name, "pairs": 10, "clusters": null, "baseline": side(0.5), "candidate": side(0.4),
            "difference": (low + high) / 2.0, "standard_error": 0.1, "interval": {"low": low, "high": high},
            "bootstrap": null, "p": 0.04, "p_adjusted": 0.0004, "correlation": null, "effect": null, "detectable": null,
            "discordant": null, "improved": 1, "worsened": 3,
        })
    };
    Compared {
        baseline: arm("c-0", HOSTILE[1]),
        candidate: arm("c-1", "x"),
        level: 0.95,
        metrics: serde_json::from_value(json!([
            metric(None, -0.4, -0.1),
            metric(Some(HOSTILE[2]), -0.1, 0.2)
        ]))
        .unwrap(),
    }
}
