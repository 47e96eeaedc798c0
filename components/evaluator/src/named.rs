//! What of a workspace and of the installation metrics name: whether it is there, and what it is.

use crate::composed;
use assay_edge::db::ScopedDb;
use assay_edge::{Platform, Problem, chain, named_secrets, programs};
use assay_graph::protocol::ModelSnapshot;
use assay_llm::embeds;
use assay_model::{FieldError, MetricSpec};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

/// Those of `ids` that are models of the workspace, from the component that owns models.
///
/// # Errors
/// When a store fails.
pub(crate) async fn models(
    platform: &Platform,
    workspace: &str,
    ids: &[&str],
) -> Result<Vec<ModelSnapshot>, Problem> {
    #[derive(Deserialize)]
    struct Answer {
        models: Vec<ModelSnapshot>,
    }
    let body = json!({"workspace_id": workspace, "model_ids": ids});
    let answer: Answer = chain::call(platform, "resources", "/internal/snapshot", &body).await?;
    Ok(answer.models)
}

/// What is said of models, programs, secrets and components that are not there, and of parameters that a component does not take. Each metric
/// comes with its JSON pointer.
pub(crate) async fn missing(
    platform: &Platform,
    workspace: &str,
    metrics: &[(String, &MetricSpec)],
) -> Result<Vec<FieldError>, Problem> {
    let (mut of_programs, mut of_secrets, mut of_models) = (Vec::new(), Vec::new(), Vec::new());
    for (at, metric) in metrics {
        let model = metric.model();
        of_models.extend(model.map(|(pointer, id)| (format!("{at}{pointer}"), id)));
        let program = metric.program();
        of_programs.extend(program.map(|(pointer, id)| (format!("{at}{pointer}"), id)));
        let secrets = metric.secrets().into_iter();
        of_secrets.extend(secrets.map(|(pointer, name)| (format!("{at}{pointer}"), name)));
    }
    let mut missing = composed::faults(metrics).await?;
    missing.extend(unfit(platform, workspace, of_models).await?);
    if of_programs.is_empty() && of_secrets.is_empty() {
        return Ok(missing);
    }
    let db = ScopedDb::for_internal(platform.db().await?, workspace.to_owned());
    let ids = of_programs.iter().map(|(_, id)| *id).collect();
    let programs = programs::known(&db, &ids).await?;
    let names: BTreeSet<String> = of_secrets.iter().map(|(_, name)| name.clone()).collect();
    let secrets = named_secrets::sealed(&db, &names).await?;
    let lost = of_programs
        .into_iter()
        .filter(|(_, id)| !programs.contains(*id))
        .map(|(field, _)| FieldError {
            field,
            message: "is no program of this workspace".to_owned(),
        });
    let unknown = of_secrets
        .into_iter()
        .filter(|(_, name)| !secrets.contains_key(name))
        .map(|(field, name)| FieldError {
            field,
            message: format!("names `{name}`, which is no secret of this workspace"),
        });
    missing.extend(lost.chain(unknown));
    Ok(missing)
}

/// What is said of models of which neither embeddings nor transcripts can be had.
async fn unfit(
    platform: &Platform,
    workspace: &str,
    named: Vec<(String, &str)>,
) -> Result<Vec<FieldError>, Problem> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = named.iter().map(|(_, id)| *id).collect();
    let models = models(platform, workspace, &ids).await?;
    let wrong = named.into_iter().filter_map(|(field, id)| {
        let message = match models.iter().find(|m| m.id == id) {
            None => "is not a model of this workspace",
            Some(model) if !embeds(&model.spec) => {
                "is a model whose provider is not asked for embeddings or transcripts: only OpenAI's API is"
            }
            Some(_) => return None,
        };
        let message = message.to_owned();
        Some(FieldError { field, message })
    });
    Ok(wrong.collect())
}
