//! Alerts at work: each is looked at now and then, under a lease; what changes is written down with what is to be told, and whoever
//! comes by tells it.

mod look;
mod notify;

use assay_alert::{Note, questions, read, request};
use assay_edge::db::ScopedDb;
use assay_edge::traces::TraceStore;
use assay_edge::{
    Ctx, DEFAULT_BODY_LIMIT, Platform, Problem, Reply, clock, log_error, new_id, platform, reply,
};
use assay_model::{AlertNews, AlertSpec, Timestamp};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::Cell;

pub(super) const COMPONENT: &str = "evaluator";

thread_local! {
    /// Whether this instance is at it.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// `POST /internal/alerts`: looks at alerts that are due and tells what is to be told, and does not keep the caller waiting for it.
pub(crate) async fn work(ctx: Ctx) -> Result<Reply, Problem> {
    let request_id = ctx.request_id.clone();
    let begun = !BUSY.replace(true);
    if begun {
        spin_sdk::wasip3::spawn(async move {
            let done = async {
                let platform = platform().await?;
                look::all(&platform, &request_id).await?;
                notify::drain(&platform).await
            };
            let done: Result<(), Problem> = done.await;
            BUSY.set(false);
            if let Err(e) = done {
                log_error(
                    COMPONENT,
                    &request_id,
                    "alerts are not looked at",
                    &e.to_string(),
                );
            }
        });
    }
    reply::ok(&json!({ "begun": begun }))
}

/// What an alert finds at `now`.
async fn reading(
    platform: &Platform,
    workspace: &str,
    spec: &AlertSpec,
    now: Timestamp,
) -> Result<assay_alert::Reading, Problem> {
    let store = TraceStore::open(platform, workspace).await?;
    let mut answers = Vec::new();
    for asked in questions(spec, now) {
        let answer = store.analyse(&asked).await?;
        let rows = answer.rows.into_iter().map(|row| row.metrics);
        answers.push(rows.collect());
    }
    Ok(read(spec, &answers))
}

/// Where an alert can be looked at.
fn url(platform: &Platform, alert: &str) -> Option<String> {
    let public = &platform.config.public_url;
    (!public.is_empty()).then(|| format!("{public}/api/v1/alerts/{alert}/status"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    workspace_id: String,
    alert_id: String,
    spec: AlertSpec,
}

/// `POST /internal/alerts/test`: tells every channel of an alert what it finds now, and says what became of it. Nothing is tried twice.
pub(crate) async fn test(mut ctx: Ctx) -> Result<Reply, Problem> {
    let Test {
        workspace_id,
        alert_id,
        spec,
    } = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let now = clock::now();
    let found = reading(&ctx.platform, &workspace_id, &spec, now).await?;
    let note = Note {
        news: AlertNews::Test,
        url: url(&ctx.platform, &alert_id),
        alert_id,
        name: spec.name.clone(),
        description: spec.description.clone(),
        severity: spec.severity,
        sentence: found.sentence.clone(),
        value: found.value,
        samples: found.samples,
        firing_since: None,
        at: now,
    };
    let db = ScopedDb::for_internal(ctx.platform.db().await?, workspace_id);
    let sent = spec.channels.iter().enumerate().map(|(i, channel)| {
        let (db, note, platform) = (&db, &note, &ctx.platform);
        async move {
            let call = request(channel, &new_id(), note);
            let sent = notify::send(platform, db, call).await?;
            let error = sent.err().map(|e| notify::said(&e));
            Ok::<Value, Problem>(json!({
                "channel": i, "type": channel.kind(), "sent": error.is_none(), "error": error,
            }))
        }
    });
    let channels = join_all(sent).await;
    let channels = channels
        .into_iter()
        .collect::<Result<Vec<Value>, Problem>>()?;
    reply::ok(&json!({
        "holds": found.holds, "value": found.value, "samples": found.samples, "message": found.sentence, "channels": channels,
    }))
}
