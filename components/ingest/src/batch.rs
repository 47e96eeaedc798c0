//! Assay's own batches: one JSON object of three lists, or one record a line.

use crate::keep::keep;
use crate::record::{Kind, Records, Rejected};
use crate::{body, forward, policy, price};
use assay_edge::{Ctx, Problem, ProblemKind, Reply, parse_json, reply};
use assay_model::FieldError;
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most records of a request.
const MAX_RECORDS: usize = 20_000;

/// A batch whose records are not read yet, so that a wrong one is refused alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    #[serde(default)]
    traces: Vec<Value>,
    #[serde(default)]
    observations: Vec<Value>,
    #[serde(default)]
    scores: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(rename = "type")]
    kind: Kind,
    body: Value,
}

#[derive(Serialize)]
struct Answer {
    accepted: usize,
    rejected: Vec<Rejected>,
}

pub(crate) async fn ingest(mut ctx: Ctx) -> Result<Reply, Problem> {
    let content_type = ctx
        .header(header::CONTENT_TYPE.as_str())
        .unwrap_or("application/json");
    let media = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let by_line = match media.as_str() {
        "application/json" => false,
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines" => true,
        other => {
            let detail = format!("Send application/json or application/x-ndjson, not `{other}`.");
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
        }
    };
    let bytes = body::read_json(&mut ctx).await?;
    let mut records = if by_line {
        lines(&bytes)?
    } else {
        lists(parse_json(&bytes)?)?
    };
    price::complete(&ctx, &mut records.batch.observations).await?;
    policy::gate(&ctx).await?.apply(&mut records.batch);
    keep(&ctx, &records.batch).await?;
    forward::hand_on(&ctx, &records.batch).await?;
    reply::ok(&Answer {
        accepted: records.accepted,
        rejected: records.rejected,
    })
}

fn too_many() -> Problem {
    Problem::new(
        ProblemKind::BodyTooLarge,
        format!("Send at most {MAX_RECORDS} records at once."),
    )
}

fn lists(lists: Lists) -> Result<Records, Problem> {
    let Lists {
        traces,
        observations,
        scores,
    } = lists;
    if traces.len() + observations.len() + scores.len() > MAX_RECORDS {
        return Err(too_many());
    }
    let mut records = Records::default();
    let mut index = 0;
    for (name, kind, list) in [
        ("traces", Kind::Trace, traces),
        ("observations", Kind::Observation, observations),
        ("scores", Kind::Score, scores),
    ] {
        for (i, record) in list.into_iter().enumerate() {
            records.add(index, &format!("/{name}/{i}"), kind, record);
            index += 1;
        }
    }
    Ok(records)
}

fn lines(body: &[u8]) -> Result<Records, Problem> {
    let mut records = Records::default();
    let filled = body
        .split(|b| *b == b'\n')
        .enumerate()
        .filter(|(_, l)| !l.trim_ascii().is_empty());
    for (n, (index, line)) in filled.enumerate() {
        if n >= MAX_RECORDS {
            return Err(too_many());
        }
        match serde_json::from_slice::<Line>(line) {
            Ok(Line { kind, body }) => records.add(index, &format!("/{index}/body"), kind, body),
            Err(e) => {
                let message = format!("is not {{\"type\":…,\"body\":{{…}}}}: {e}");
                records.reject(
                    index,
                    &format!("/{index}"),
                    vec![FieldError {
                        field: String::new(),
                        message,
                    }],
                );
            }
        }
    }
    Ok(records)
}
