//! Several answers to the same question, of which a judge picks the best.

use crate::by::judges;
use crate::evaluate::{Next, in_time, questioned};
use crate::judge::Judge;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, Problem, Reply, clock, reply};
use assay_metrics::{Contest, ContestStep};
use assay_model::{ContestResult, ContestSpec, ContestStatus, Validate as _, Validator};
use serde::Deserialize;

/// Largest request, in bytes.
const BODY_LIMIT: usize = 8 << 20;

/// What a client sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compared {
    contest: ContestSpec,
    judge_model_id: String,
    #[serde(default = "yes")]
    reuse: bool,
}

const fn yes() -> bool {
    true
}

pub(crate) async fn compare(mut ctx: Ctx) -> Result<Reply, Problem> {
    let asked: Compared = ctx.raw_json(BODY_LIMIT).await?;
    let mut v = Validator::default();
    v.at("contest", |v| asked.contest.check(v));
    v.finish().map_err(Problem::validation)?;
    let workspace = ctx.actor()?.workspace.as_str();
    let first = Some(asked.judge_model_id.as_str());
    let models = judges(&ctx.platform, workspace, first, &[]).await?;
    let Some(model) = models.first() else {
        return Err(Problem::internal("a judge is there and is not"));
    };
    let started = clock::now();
    let db = ctx.platform.db().await?;
    let how = (Tape::new(None), asked.contest.seed, asked.reuse);
    let judge = Judge::new(&ctx.platform, &db, workspace, model, how, None);
    let mut result = match in_time(held(&asked.contest, &judge), model).await {
        Ok(result) => {
            let result = result?;
            if result.status != ContestStatus::Error {
                judge.keep().await;
            }
            result
        }
        Err(late) => Contest::given_up(&asked.contest, late),
    };
    let took = clock::now().micros().saturating_sub(started.micros());
    result.latency_ms = Some(took as f64 / 1000.0);
    reply::ok(&result)
}

async fn held(spec: &ContestSpec, judge: &Judge<'_>) -> Result<ContestResult, Problem> {
    let next = |step| match step {
        ContestStep::Ask(asked) => Next::Ask(asked),
        ContestStep::Done(result) => Next::Done(*result),
    };
    let (mut contest, step) = Contest::start(spec);
    questioned(next(step), Some(judge), |id, answer| {
        Ok(next(contest.answer(id, answer)))
    })
    .await
}
