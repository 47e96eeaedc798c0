//! By what cases are scored, as clients ask for it: the same for one case, many, and contests.

use crate::evaluate::calibrations;
use crate::named;
use assay_edge::{Ctx, Platform, Problem, named_secrets};
use assay_graph::protocol::{EvaluateRequest, ModelSnapshot};
use assay_model::{Judging, MetricSpec, TestCase, Validate as _, Validator};

/// Most metrics of a request.
const MAX_METRICS: usize = 50;

/// Metrics, and who judges.
pub(crate) struct By<'r> {
    pub(crate) metrics: &'r [MetricSpec],
    pub(crate) judge_model_id: Option<&'r str>,
    pub(crate) judging: &'r Judging,
    pub(crate) seed: u64,
}

impl By<'_> {
    /// Whether a model is asked.
    pub(crate) fn needs_judge(&self) -> bool {
        self.metrics.iter().any(|m| m.kind.needs_judge())
    }

    /// What is wrong of it by itself.
    pub(crate) fn check(&self, v: &mut Validator) {
        v.require(!self.metrics.is_empty(), "metrics", "must not be empty");
        v.require(
            self.metrics.len() <= MAX_METRICS,
            "metrics",
            format!("must have at most {MAX_METRICS} entries"),
        );
        v.at("metrics", |v| {
            for (i, metric) in self.metrics.iter().enumerate() {
                v.at(i, |v| {
                    metric.check(v);
                    assay_metrics::check_into(metric, v);
                });
            }
        });
        v.require(
            !self.needs_judge() || self.judge_model_id.is_some(),
            "judge_model_id",
            "is required by a metric",
        );
        v.at("judging", |v| {
            self.judging.check_beside(self.judge_model_id, v);
        });
        v.range("seed", self.seed, 0, i64::MAX.unsigned_abs());
    }

    /// What it comes to for a case, with all that it names of the caller's workspace.
    ///
    /// # Errors
    /// A validation problem where something is not there; when a store fails.
    pub(crate) async fn request(
        &self,
        ctx: &Ctx,
        case: TestCase,
    ) -> Result<EvaluateRequest, Problem> {
        named_secrets::may_name(ctx.actor()?, "/metrics", self.metrics)?;
        let workspace_id = ctx.actor()?.workspace.clone();
        let metrics = self.metrics.iter().enumerate();
        let metrics: Vec<_> = metrics.map(|(i, m)| (format!("/metrics/{i}"), m)).collect();
        let missing = named::missing(&ctx.platform, &workspace_id, &metrics).await?;
        if !missing.is_empty() {
            return Err(Problem::validation(missing));
        }
        let panel = &self.judging.panel;
        let judges = judges(&ctx.platform, &workspace_id, self.judge_model_id, panel).await?;
        let mut request = EvaluateRequest {
            calibrations: None,
            workspace_id,
            case,
            metrics: self.metrics.to_vec(),
            judges,
            judging: self.judging.clone(),
            seed: self.seed,
            recording: None,
        };
        if self.needs_judge() {
            request.calibrations = Some(calibrations(&ctx.platform, &request).await?);
        }
        Ok(request)
    }
}

/// Models of a workspace that judge, the first one first. One that is not there is named by the field of the client's that names it.
///
/// # Errors
/// A validation problem where one is none of the workspace; when a store fails.
pub(crate) async fn judges(
    platform: &Platform,
    workspace: &str,
    first: Option<&str>,
    panel: &[String],
) -> Result<Vec<ModelSnapshot>, Problem> {
    let first = first.map(|id| (id, "/judge_model_id".to_owned()));
    let panel = panel.iter().enumerate();
    let panel = panel.map(|(i, id)| (id.as_str(), format!("/judging/panel/{i}")));
    let wanted: Vec<(&str, String)> = first.into_iter().chain(panel).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = wanted.iter().map(|(id, _)| *id).collect();
    let models = named::models(platform, workspace, &ids).await?;
    let find = |(id, field): (&str, String)| {
        let found = models.iter().find(|m| m.id == id).cloned();
        found.ok_or_else(|| Problem::field(&field, "is not a model of this workspace"))
    };
    wanted.into_iter().map(find).collect()
}
