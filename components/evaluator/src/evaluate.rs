//! Scoring of one test case: every metric at the same time, each on its own when one fails.

use crate::allowance::Purse;
use crate::by::By;
use crate::errand;
use crate::judge::Judge;
use crate::transcripts;
use assay_edge::calibrations::active;
use assay_edge::db::{Db, ScopedDb};
use assay_edge::tape::Tape;
use assay_edge::{Ctx, Platform, Problem, Reply, clock, parse_json, reply};
use assay_graph::protocol::{EvaluateRequest, EvaluateResponse, ModelSnapshot};
use assay_llm::ChatAnswer;
use assay_metrics::{Asked, Evaluation, Step, combine};
use assay_model::{
    ActiveCalibration, Judging, MetricResult, MetricSpec, MetricStatus, TestCase, Timestamp,
    Validate as _, Validator,
};
use assay_review::calibration::{apply, judge_key, judged_by};
use futures::StreamExt as _;
use futures::future::{Either, join_all, select, try_join_all};
use futures::stream::FuturesUnordered;
use serde::Deserialize;
use std::pin::pin;

/// As many time-outs of the judge as one judgement may take, a few tries of a few calls, and how long they may wait for their turn
/// besides, in milliseconds. Whoever has a campaign's step scored holds it for a little longer than that.
const CALLS_IN_A_ROW: u64 = 8;
const LONGEST_WAIT_MS: u64 = 30_000;

pub(crate) async fn internal(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: EvaluateRequest = parse_json(&body)?;
    let results = score_all(&ctx.platform, &request, None).await?;
    reply::ok(&EvaluateResponse { results })
}

/// Largest request to score one case, in bytes: its images may be most of it, in base64.
const BODY_LIMIT: usize = 8 << 20;

/// What a client sends to score one case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdHoc {
    #[serde(deserialize_with = "assay_model::object")]
    case: TestCase,
    metrics: Vec<MetricSpec>,
    #[serde(default)]
    judge_model_id: Option<String>,
    #[serde(default, deserialize_with = "assay_model::object")]
    judging: Judging,
    #[serde(default)]
    seed: u64,
}

pub(crate) async fn ad_hoc(mut ctx: Ctx) -> Result<Reply, Problem> {
    let request: AdHoc = ctx.raw_json(BODY_LIMIT).await?;
    let by = By {
        metrics: &request.metrics,
        judge_model_id: request.judge_model_id.as_deref(),
        judging: &request.judging,
        seed: request.seed,
    };
    let mut v = Validator::default();
    by.check(&mut v);
    v.at("case", |v| request.case.check(v));
    v.finish().map_err(Problem::validation)?;
    let request = by.request(&ctx, request.case).await?;
    let results = score_all(&ctx.platform, &request, None).await?;
    reply::ok(&EvaluateResponse { results })
}

/// Scores a case by every metric, in their order. Judges spend of the `purse`, where there is one.
///
/// # Errors
/// When something of ours fails; what metrics and judges make of the case is in the results.
pub(crate) async fn score_all(
    platform: &Platform,
    request: &EvaluateRequest,
    purse: Option<&Purse<'_>>,
) -> Result<Vec<MetricResult>, Problem> {
    // A recording must hold when each was scored.
    let asks =
        request.recording.is_some() || request.metrics.iter().any(|m| m.kind.asks_somebody());
    if !asks && let Some(results) = score_alone(&request.metrics, &request.case) {
        return Ok(results);
    }
    let judged = request.metrics.iter().any(|m| m.kind.needs_judge());
    let db = match judged && !request.judges.is_empty() {
        true => Some(platform.db().await?),
        false => None,
    };
    let desk = Desk {
        platform,
        db: db.as_ref(),
        calibrations: match db.is_some() {
            true => calibrations(platform, request).await?,
            false => Vec::new(),
        },
        request,
        tape: Tape::new(request.recording.clone()),
        purse,
    };
    // Metrics go on side by side, and so do the judgements of each.
    let scores = request.metrics.iter().map(|metric| desk.score(metric));
    join_all(scores).await.into_iter().collect()
}

/// Scores by metrics that ask nobody, without all that it takes to wait for somebody; `None` where one of them does ask.
pub(crate) fn score_alone(metrics: &[MetricSpec], case: &TestCase) -> Option<Vec<MetricResult>> {
    let score = |metric| {
        let started = clock::now();
        let Step::Done(mut result) = Evaluation::start(metric, case).1 else {
            return None;
        };
        result.latency_ms = Some(ms_since(started, clock::now()));
        Some(result)
    };
    metrics.iter().map(score).collect()
}

fn ms_since(started: Timestamp, ended: Timestamp) -> f64 {
    ended.micros().saturating_sub(started.micros()) as f64 / 1000.0
}

/// What is known of the judges from earlier scores that people labelled.
///
/// # Errors
/// When the relational store fails.
pub(crate) async fn calibrations(
    platform: &Platform,
    request: &EvaluateRequest,
) -> Result<Vec<ActiveCalibration>, Problem> {
    match (&request.calibrations, request.judges.first()) {
        (Some(those), _) => Ok(those.clone()),
        (None, None) => Ok(Vec::new()),
        (None, Some(first)) => {
            let judge = judge_key(&first.id, &request.judging);
            let workspace = request.workspace_id.clone();
            active(
                &ScopedDb::for_internal(platform.db().await?, workspace),
                &judge,
            )
            .await
        }
    }
}

/// Where the metrics of one case are scored.
struct Desk<'d> {
    platform: &'d Platform,
    /// Where judges are asked.
    db: Option<&'d Db>,
    calibrations: Vec<ActiveCalibration>,
    request: &'d EvaluateRequest,
    tape: Tape,
    purse: Option<&'d Purse<'d>>,
}

impl Desk<'_> {
    /// Scores by a metric, as often as it is to be judged.
    async fn score(&self, metric: &MetricSpec) -> Result<MetricResult, Problem> {
        let judging = &self.request.judging;
        let name = metric.display_name();
        let Some(db) = self.db.filter(|_| metric.kind.needs_judge()) else {
            let case = &self.request.case;
            return self.once(metric, case, self.tape.part(name), None).await;
        };
        // Once, however often is judged.
        let tape = self.tape.part(&format!("{name} transcripts"));
        let spoken = match transcripts::taken(self.platform, &tape, self.request, metric).await? {
            Ok(spoken) => spoken,
            Err(why) => {
                let mut result = assay_metrics::unscored(metric);
                result.reason = why;
                return Ok(result);
            }
        };
        let case = spoken.as_ref().map_or(&self.request.case, |s| &s.case);
        let mut judgements = Vec::new();
        for model in &self.request.judges {
            for run in 1..=judging.runs {
                // Two may ask the same: each has its own calls.
                let part = judging.part(name, self.request.judges.len(), &model.id, run);
                let tape = self.tape.part(&part);
                let seed = self.request.seed.wrapping_add(u64::from(run - 1));
                judgements.push(async move {
                    let result = self
                        .once(metric, case, tape, Some((db, model, seed)))
                        .await?;
                    Ok::<_, Problem>((run, result))
                });
            }
        }
        let judged = try_join_all(judgements).await?;
        let longest = judged.iter().filter_map(|(_, r)| r.latency_ms);
        let longest = longest.reduce(f64::max);
        let mut result = combine(judging.combine, judged)
            .ok_or_else(|| Problem::internal("a metric was judged by nobody"))?;
        result.latency_ms = longest;
        if let Some(spoken) = &spoken {
            // A sum with an unknown part is unknown.
            let costs = result.cost_usd.zip(spoken.cost_usd);
            result.cost_usd = costs.map(|(judged, heard)| judged + heard);
        }
        if result.score.is_some() {
            let judges = self.request.judges.iter();
            let judges: Vec<_> = judges.map(|m| (m.id.as_str(), &m.spec)).collect();
            result.judged_by = judged_by(metric, &result, &judges, judging);
            result.calibration = apply(&self.calibrations, &result);
        }
        Ok(result)
    }

    async fn once(
        &self,
        metric: &MetricSpec,
        case: &TestCase,
        tape: Tape,
        judge: Option<(&Db, &ModelSnapshot, u64)>,
    ) -> Result<MetricResult, Problem> {
        let started = clock::now();
        let (evaluation, step) = Evaluation::start(metric, case);
        let (mut result, tape) = match judge {
            None => {
                let came = self.outside(&tape, metric, evaluation, step).await?;
                (came, tape)
            }
            Some((db, model, seed)) => {
                // A recording must hold every answer.
                let reuse = self.request.judging.reuse && self.request.recording.is_none();
                let workspace = self.request.workspace_id.as_str();
                let taped = (tape, seed, reuse);
                let judge = Judge::new(self.platform, db, workspace, model, taped, self.purse);
                let result =
                    within(answered(evaluation, step, Some(&judge)), metric, model).await?;
                if result.status != MetricStatus::Error {
                    judge.keep().await;
                }
                (result, judge.tape)
            }
        };
        let (started, ended) = tape.took(started).await?;
        result.latency_ms = Some(ms_since(started, ended));
        Ok(result)
    }
}

impl Desk<'_> {
    /// Goes on to the end of what needs no judge, though it may need something done.
    async fn outside(
        &self,
        tape: &Tape,
        metric: &MetricSpec,
        mut evaluation: Evaluation,
        step: Step,
    ) -> Result<MetricResult, Problem> {
        let Step::Run(errand) = step else {
            return answered(evaluation, step, None).await;
        };
        let recording = self.request.recording.as_ref();
        let recording = recording.map(|r| r.part(metric.display_name()));
        let came = errand::run(self.platform, tape, recording, self.request, errand).await?;
        let step = evaluation.came(came);
        answered(evaluation, step, None).await
    }
}

/// A judgement, or an error where it takes longer than any judge that works: nobody waits for ever for a score, and whoever asked for it
/// counts on an answer by then.
async fn within(
    judged: impl Future<Output = Result<MetricResult, Problem>>,
    metric: &MetricSpec,
    model: &ModelSnapshot,
) -> Result<MetricResult, Problem> {
    match in_time(judged, model).await {
        Ok(result) => result,
        Err(late) => {
            let mut result = assay_metrics::unscored(metric);
            result.reason = late;
            Ok(result)
        }
    }
}

/// What comes of a judgement; `Err` says, for a person, that it took longer than any judge that works.
pub(crate) async fn in_time<T>(
    judged: impl Future<Output = T>,
    model: &ModelSnapshot,
) -> Result<T, String> {
    let calls_ms = model.spec.timeout_ms.saturating_mul(CALLS_IN_A_ROW);
    let most_ms = calls_ms.saturating_add(LONGEST_WAIT_MS);
    match select(pin!(judged), pin!(clock::sleep(most_ms))).await {
        Either::Left((came, _)) => Ok(came),
        Either::Right(_) => Err(format!("it was not judged within {} s", most_ms / 1000)),
    }
}

/// Asks the judge whatever the evaluation asks for, to its end.
async fn answered(
    mut evaluation: Evaluation,
    step: Step,
    judge: Option<&Judge<'_>>,
) -> Result<MetricResult, Problem> {
    let next = |step| match step {
        Step::Ask(asked) => Ok(Next::Ask(asked)),
        Step::Done(result) => Ok(Next::Done(result)),
        Step::Run(_) => Err(Problem::internal("a metric that asks needs something done")),
    };
    questioned(next(step)?, judge, |id, answer| {
        next(evaluation.answer(id, answer))
    })
    .await
}

/// What whoever judges does next.
pub(crate) enum Next<T> {
    /// These questions are asked besides those that are open.
    Ask(Vec<Asked>),
    /// It has come to an end.
    Done(T),
}

/// Asks the judge until it has come to an end; `take` is told each answer. Questions that do not depend on one another are asked at the same
/// time.
pub(crate) async fn questioned<T>(
    mut next: Next<T>,
    judge: Option<&Judge<'_>>,
    mut take: impl FnMut(u64, Result<ChatAnswer, String>) -> Result<Next<T>, Problem>,
) -> Result<T, Problem> {
    let mut open = FuturesUnordered::new();
    loop {
        match next {
            Next::Ask(asked) => {
                open.extend(asked.into_iter().map(|Asked { id, call, .. }| async move {
                    let answer = match judge {
                        Some(judge) => judge.ask(&call).await,
                        None => Err("no judge model is configured".into()),
                    };
                    (id, answer)
                }));
            }
            Next::Done(end) => return Ok(end),
        }
        next = match open.next().await {
            Some((id, answer)) => take(id, answer)?,
            None => return Err(Problem::internal("a metric waits for nothing")),
        };
    }
}
