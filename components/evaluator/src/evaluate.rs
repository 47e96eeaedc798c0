//! Scoring of one test case: every metric at the same time, each on its own when one fails.

use crate::judge;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, Platform, Problem, Reply, chain, clock, parse_json, reply};
use assay_graph::protocol::{EvaluateRequest, EvaluateResponse, ModelSnapshot};
use assay_metrics::{Evaluation, Step};
use assay_model::{MetricResult, MetricSpec, TestCase, Validate as _, Validator};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::json;

pub(crate) async fn internal(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: EvaluateRequest = parse_json(&body)?;
    let results = score_all(&ctx.platform, &request).await?;
    reply::ok(&EvaluateResponse { results })
}

/// What a client sends to score one case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdHoc {
    case: TestCase,
    metrics: Vec<MetricSpec>,
    #[serde(default)]
    judge_model_id: Option<String>,
    #[serde(default)]
    seed: u64,
}

pub(crate) async fn ad_hoc(mut ctx: Ctx) -> Result<Reply, Problem> {
    let request: AdHoc = ctx.raw_json(assay_edge::DEFAULT_BODY_LIMIT).await?;
    let mut v = Validator::default();
    v.require(!request.metrics.is_empty(), "metrics", "must not be empty");
    v.require(
        request.metrics.len() <= 50,
        "metrics",
        "must have at most 50 entries",
    );
    v.at("case", |v| request.case.check(v));
    v.range("seed", request.seed, 0, i64::MAX.unsigned_abs());
    v.at("metrics", |v| {
        for (i, metric) in request.metrics.iter().enumerate() {
            v.at(i, |v| {
                metric.check(v);
                assay_metrics::check_into(metric, v);
            });
        }
    });
    let needs_judge = request.metrics.iter().any(|m| m.kind.needs_judge());
    v.require(
        !needs_judge || request.judge_model_id.is_some(),
        "judge_model_id",
        "is required by a metric",
    );
    v.finish().map_err(Problem::validation)?;
    let judge = match request.judge_model_id {
        Some(id) => Some(model(&ctx, &id).await?),
        None => None,
    };
    let request = EvaluateRequest {
        case: request.case,
        metrics: request.metrics,
        judge,
        seed: request.seed,
        recording: None,
    };
    let results = score_all(&ctx.platform, &request).await?;
    reply::ok(&EvaluateResponse { results })
}

/// The caller's model, from the component that owns models.
async fn model(ctx: &Ctx, id: &str) -> Result<ModelSnapshot, Problem> {
    #[derive(Deserialize)]
    struct Answer {
        models: Vec<ModelSnapshot>,
    }
    let body = json!({"workspace_id": ctx.actor()?.workspace, "model_ids": [id]});
    let answer: Answer = chain::call(&ctx.platform, "resources", "/internal/snapshot", &body)
        .await
        .map_err(|_| Problem::field("/judge_model_id", "is not a model of this workspace"))?;
    answer
        .models
        .into_iter()
        .next()
        .ok_or_else(|| Problem::field("/judge_model_id", "is not a model of this workspace"))
}

async fn score_all(
    platform: &Platform,
    request: &EvaluateRequest,
) -> Result<Vec<MetricResult>, Problem> {
    let tape = Tape::new(request.recording.clone());
    // Metrics go on side by side, and two may ask the same: each has its own calls.
    let scores = request.metrics.iter().map(|metric| {
        let tape = tape.part(metric.display_name());
        async move { score(platform, &tape, request, metric).await }
    });
    join_all(scores).await.into_iter().collect()
}

async fn score(
    platform: &Platform,
    tape: &Tape,
    request: &EvaluateRequest,
    metric: &MetricSpec,
) -> Result<MetricResult, Problem> {
    let started = clock::now();
    let (mut evaluation, mut step) = Evaluation::start(metric, &request.case);
    loop {
        match step {
            Step::Ask(call) => {
                let answer =
                    judge::ask(platform, tape, request.judge.as_ref(), &call, request.seed).await;
                step = evaluation.answer(answer);
            }
            Step::Done(mut result) => {
                let (started, ended) = tape.took(started).await?;
                let took = ended.micros().saturating_sub(started.micros());
                result.latency_ms = Some(took as f64 / 1000.0);
                return Ok(result);
            }
        }
    }
}
