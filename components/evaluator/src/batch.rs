//! Many cases scored by the same metrics in one request: what a request costs is paid once.

use crate::by::By;
use crate::evaluate::{score_all, score_alone};
use assay_edge::{Ctx, Problem, Reply, reply};
use assay_graph::protocol::{EvaluateRequest, EvaluateResponse};
use assay_model::{Judging, MetricSpec, TestCase, Validator};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

/// Largest request, in bytes.
const BODY_LIMIT: usize = 16 << 20;
/// Most cases of a request, and most where something is asked of a model, a program or a server: the answer comes when all have one.
const MAX_CASES: usize = 1_000;
const MAX_SLOW_CASES: usize = 100;
/// Cases that are scored at once. How many questions a model is asked at once is the model's own setting.
const AT_ONCE: usize = 32;

/// What a client sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    cases: Vec<TestCase>,
    metrics: Vec<MetricSpec>,
    #[serde(default)]
    judge_model_id: Option<String>,
    #[serde(default, deserialize_with = "assay_model::object")]
    judging: Judging,
    #[serde(default)]
    seed: u64,
}

/// What it gets: verdicts on each case, in their order.
#[derive(Serialize)]
struct Verdicts {
    cases: Vec<EvaluateResponse>,
}

pub(crate) async fn score(mut ctx: Ctx) -> Result<Reply, Problem> {
    let asked: Cases = ctx.raw_json(BODY_LIMIT).await?;
    let by = By {
        metrics: &asked.metrics,
        judge_model_id: asked.judge_model_id.as_deref(),
        judging: &asked.judging,
        seed: asked.seed,
    };
    let mut v = Validator::default();
    by.check(&mut v);
    let slow = asked.metrics.iter().any(|m| m.kind.asks_somebody());
    let most = if slow { MAX_SLOW_CASES } else { MAX_CASES };
    v.require(!asked.cases.is_empty(), "cases", "must not be empty");
    v.require(
        asked.cases.len() <= most,
        "cases",
        match slow {
            true => format!("must have at most {most} entries with metrics that ask somebody"),
            false => format!("must have at most {most} entries"),
        },
    );
    v.each("cases", &asked.cases);
    v.finish().map_err(Problem::validation)?;
    let blank = by.request(&ctx, TestCase::default()).await?;
    if !slow {
        let score =
            |case| score_alone(&asked.metrics, case).map(|results| EvaluateResponse { results });
        let scored: Option<Vec<_>> = asked.cases.iter().map(score).collect();
        if let Some(cases) = scored {
            return reply::ok(&Verdicts { cases });
        }
    }
    let platform = &ctx.platform;
    let scores = asked.cases.into_iter().map(|case| {
        let request = EvaluateRequest {
            case,
            ..blank.clone()
        };
        async move {
            let results = score_all(platform, &request, None).await?;
            Ok::<_, Problem>(EvaluateResponse { results })
        }
    });
    let cases = stream::iter(scores).buffered(AT_ONCE).try_collect().await?;
    reply::ok(&Verdicts { cases })
}
