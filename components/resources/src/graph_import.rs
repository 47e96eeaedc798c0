//! Scenarios from graphs of React Flow, as the program that Assay replaces keeps them.

use crate::crud::{insert, name_taken, references};
use crate::place::Place;
use crate::resource::{Stored, parse, to_map};
use crate::scenarios::Scenarios;
use assay_edge::db::DbError;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, new_id, reply};
use assay_model::{FieldError, Validator};
use assay_scenario::Imported;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    source: Value,
    /// Instead of the source's own name.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    save: bool,
}

/// `POST /api/v1/scenarios/import`: what it comes to, and what could not be taken over; kept when that is asked for.
pub(crate) async fn import(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let wanted: Wanted = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    if let Some(name) = &wanted.name {
        let mut v = Validator::default();
        v.name("name", name, 200);
        v.finish().map_err(Problem::validation)?;
    }
    let imported = assay_scenario::import(&wanted.source);
    let Imported {
        mut scenario,
        notes,
    } = imported.map_err(|errors| Problem::validation(under_source(errors)))?;
    if let Some(name) = wanted.name {
        scenario.name = name;
    }
    let spec = to_map::<Scenarios>(&scenario)?;
    let mut answer = json!({"scenario": spec, "notes": notes});
    if wanted.save
        && let Value::Object(answer) = &mut answer
    {
        answer.insert("id".into(), json!(save(&ctx, spec).await?));
    }
    reply::ok(&answer)
}

/// Pointers of the source, within the request.
fn under_source(errors: Vec<FieldError>) -> Vec<FieldError> {
    let errors = errors.into_iter();
    let errors = errors.map(|e| FieldError {
        field: format!("/source{}", e.field),
        message: e.message,
    });
    errors.collect()
}

/// Pointers of the scenario are none of the request: they are told in words.
fn in_words(errors: Vec<FieldError>) -> Vec<FieldError> {
    let errors = errors.into_iter();
    let errors = errors.map(|e| FieldError {
        field: "/source".to_owned(),
        message: format!("comes to no valid scenario: `{}` {}", e.field, e.message),
    });
    errors.collect()
}

/// Makes the scenario, as a client's own request would.
async fn save(ctx: &Ctx, spec: Map<String, Value>) -> Result<String, Problem> {
    let told = |problem: Problem| problem.map_errors(in_words);
    let (spec, _) = parse::<Scenarios>(&ctx.platform, &ctx.actor()?.workspace, spec)
        .await
        .map_err(told)?;
    let db = ctx.db().await?;
    let (id, now) = (new_id(), clock::now());
    references::<Scenarios>(&db, &id, &spec)
        .await
        .map_err(told)?;
    let made = Stored {
        spec: to_map::<Scenarios>(&spec)?,
        credential: None,
        id,
        version: 1,
        created_by: Some(ctx.actor()?.principal.id().to_owned()),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        counted: None,
        last_version: 0,
        labels: Map::new(),
    };
    match db
        .batch(insert::<Scenarios>(&Place::WORKSPACE, &spec, &made))
        .await
    {
        Ok(()) => Ok(made.id),
        Err(DbError::Unique(cause)) => Err(name_taken("scenario").caused_by(cause)),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_fields_of_the_request() {
        let error = |field: &str| {
            vec![FieldError {
                field: field.into(),
                message: "is wrong".into(),
            }]
        };
        assert_eq!(under_source(error("/nodes/3"))[0].field, "/source/nodes/3");
        let told = &in_words(error("/goal"))[0];
        assert_eq!(told.field, "/source");
        assert!(
            told.message.contains("`/goal` is wrong"),
            "{}",
            told.message
        );
    }

    #[test]
    fn graphs_of_react_flow_become_scenarios() {
        let node = |id: &str, category: &str, label: &str| {
            json!({"id": id, "type": "customNode", "position": {"x": 0, "y": 0},
                "data": {"category": category, "label": label}})
        };
        let source = json!({
            "name": "From elsewhere",
            "nodes": [node("1", "start", "Start"), node("2", "task", "Ask for the order"), node("3", "end", "End")],
            "edges": [
                {"id": "a", "source": "1", "target": "2"},
                {"id": "b", "source": "2", "target": "3"},
            ],
        });
        let Imported { scenario, .. } = assay_scenario::import(&source).unwrap();
        assert_eq!(scenario.name, "From elsewhere");
        assert!(scenario.graph.unwrap().nodes.len() > 2);
        for wrong in [json!([]), json!({"nodes": "none"})] {
            assert!(assay_scenario::import(&wrong).is_err(), "{wrong}");
        }
    }
}
