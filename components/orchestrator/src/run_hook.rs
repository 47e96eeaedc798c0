//! Signed requests that runs wait for. Each run has a secret of its own, made of the installation's: nothing is kept of it, and who
//! may read the run is shown it.

use crate::history;
use crate::hooks::incoming::{MAX_BODY, is_id, unproven};
use crate::run_rows::{Asked, RunRow};
use crate::runs;
use assay_access::hash_secret;
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Platform, Problem, ProblemKind, Reply, clock, parse_json, reply};
use assay_model::RunStatus;
use assay_scenario::Waits;
use assay_webhook::{Provider, REPLAY_WINDOW_S, verify};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a request goes that a run waits for, and what it is signed with.
#[derive(Debug, Serialize)]
pub(crate) struct Webhook {
    url: String,
    secret: String,
}

/// The secret of a run. No API key's hash is made of such a text, so that neither says anything of the other.
fn secret(platform: &Platform, run: &str) -> String {
    hash_secret(&platform.pepper, &format!("hooks/runs/{run}"))
}

/// What a question of a run is answered with, when it is a signed request that it waits for.
pub(crate) fn of(platform: &Platform, base: &str, run: &str, asked: &Asked) -> Option<Webhook> {
    let waits = matches!(asked.waits, Waits::Webhook { .. });
    waits.then(|| Webhook {
        url: format!("{base}/hooks/runs/{run}?question={}", asked.id),
        secret: secret(platform, run),
    })
}

/// The question that is answered: the one that is named, or the only one.
fn question<'a>(waits: &'a [Asked], named: Option<&str>) -> Result<&'a str, Problem> {
    let open = || {
        let of_hooks = waits.iter();
        of_hooks.filter(|w| matches!(w.waits, Waits::Webhook { .. }))
    };
    let none = |why: &str| Problem::new(ProblemKind::Conflict, why);
    match named {
        Some(named) => open()
            .find(|w| w.id == named)
            .map(|w| w.id.as_str())
            .ok_or_else(|| none("The run does not wait for this request, or no more.")),
        None => {
            let mut open = open();
            let first = open.next();
            let first = first.ok_or_else(|| none("The run waits for no request."))?;
            if open.next().is_some() {
                let message = "is required: the run waits for several requests";
                return Err(Problem::field("question", message));
            }
            Ok(&first.id)
        }
    }
}

/// `POST /hooks/runs/{id}?question`: the body, any JSON, is the answer.
pub(crate) async fn answer(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(MAX_BODY).await?;
    let id = ctx.param("id")?.to_owned();
    let secret = secret(&ctx.platform, &id);
    let now_s = clock::now().micros().div_euclid(1_000_000);
    // A run that is not there has a secret that nobody knows.
    let headers = &ctx.headers;
    let provider = Provider::Generic;
    verify(provider, headers, &body, &[&secret], now_s, REPLAY_WINDOW_S)
        .map_err(|why| unproven().caused_by(why))?;
    ctx.only_query(&["question"])?;
    let answer: Value = parse_json(&body)?;
    let waits_not = || Problem::new(ProblemKind::Conflict, "The run waits for nobody.");
    if !is_id(&id) {
        return Err(waits_not());
    }
    let system = ctx.platform.db().await?;
    let sql = "SELECT workspace_id FROM runs WHERE id = $1 AND status = 'waiting_for_person'";
    let rows = system.query(sql, [id.as_str().into()]).await?;
    let workspace = rows.first().ok_or_else(waits_not)?.text("workspace_id")?;
    let db = ScopedDb::for_internal(system, workspace);
    let row = runs::row(&db, &id).await?;
    if row.text("status")? != RunStatus::WaitingForPerson.as_str() {
        return Err(waits_not());
    }
    let asked = RunRow::read(&row)?.waits;
    let question = question(&asked, ctx.query("question"))?.to_owned();
    let answers = BTreeMap::from([(question.clone(), answer)]);
    history::write_answers(&db, &row, &id, &answers).await?;
    history::take_up(&ctx.platform, &db, &row).await?;
    reply::json(
        StatusCode::ACCEPTED,
        &json!({"run_id": id, "question": question}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(list: Value) -> Vec<Asked> {
        serde_json::from_value(list).unwrap()
    }

    #[test]
    fn the_only_question_needs_no_name() {
        let one = asked(json!([
            {"id": "p", "kind": "person", "node": "a", "question": "?"},
            {"id": "h", "kind": "webhook", "node": "b"},
        ]));
        assert_eq!(question(&one, None).unwrap(), "h");
        assert_eq!(question(&one, Some("h")).unwrap(), "h");
        assert!(question(&one, Some("p")).is_err(), "a person is asked");
        let two = asked(json!([
            {"id": "h", "kind": "webhook", "node": "b"},
            {"id": "i", "kind": "webhook", "node": "c"},
        ]));
        assert_eq!(question(&two, Some("i")).unwrap(), "i");
        assert_eq!(
            question(&two, None).unwrap_err().kind(),
            ProblemKind::Validation
        );
        assert_eq!(
            question(&[], None).unwrap_err().kind(),
            ProblemKind::Conflict
        );
    }
}
