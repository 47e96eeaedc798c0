//! Whether an agent or a model can be talked to: one short exchange, told as it went.

use crate::model::{self, Silence};
use crate::target::ask;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Platform, Problem, Reply, new_id, reply};
use assay_graph::protocol::{
    AgentSnapshot, CallStats, ModelSnapshot, TargetRequest, TargetResponse,
};
use assay_llm::{AnswerError, ChatOptions, excerpt};
use assay_model::{ConnectionTest, Message, Role, RunError};
use serde::Deserialize;
use serde_json::Value;

/// Most tokens that a model may say: enough to see that it speaks.
const MAX_TOKENS: u32 = 64;
/// Longest wait for it, in milliseconds.
const MAX_WAIT_MS: u64 = 30_000;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Probed {
    Agent(Box<AgentSnapshot>),
    Model(Box<ModelSnapshot>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    to: Probed,
    message: String,
}

/// `POST /internal/probe`.
pub(crate) async fn probe(mut ctx: Ctx) -> Result<Reply, Problem> {
    let probe: Probe = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let messages = [Message::new(Role::User, &probe.message)];
    let test = match probe.to {
        Probed::Agent(mut agent) => {
            agent.spec.timeout_ms = agent.spec.timeout_ms.min(MAX_WAIT_MS);
            let request = TargetRequest {
                agent: *agent,
                messages: messages.to_vec(),
                run_id: new_id(),
                session: Value::Null,
                mocks: Vec::new(),
                environment: None,
                recording: None,
                live: None,
            };
            match ask(&ctx.platform, &request).await? {
                TargetResponse::Answer(answer) => told(&answer.content, answer.call),
                TargetResponse::Failed(failure) => failed(failure.error, failure.call),
            }
        }
        Probed::Model(model) => ask_model(&ctx.platform, *model, &messages).await,
    };
    reply::ok(&test)
}

async fn ask_model(
    platform: &Platform,
    mut model: ModelSnapshot,
    messages: &[Message],
) -> ConnectionTest {
    model.spec.timeout_ms = model.spec.timeout_ms.min(MAX_WAIT_MS);
    model.spec.max_tokens = model.spec.max_tokens.min(MAX_TOKENS);
    let mut options = ChatOptions::default();
    let (stats, said) = model::ask(platform, &Tape::off(), &model, messages, &mut options).await;
    match said {
        Ok(content) => told(&content, stats),
        // It is there, and still thinks.
        Err(Silence::Answer(AnswerError::NoRoom)) => told("", stats),
        Err(silence) => failed(silence.told(), stats),
    }
}

fn told(content: &str, call: CallStats) -> ConnectionTest {
    ConnectionTest {
        ok: true,
        latency_ms: (call.ended.micros() - call.started.micros()).max(0) / 1000,
        answer: Some(excerpt(content)),
        model: call.model,
        usage: call.usage,
        cost_usd: call.cost_usd,
        error: None,
    }
}

fn failed(error: RunError, call: CallStats) -> ConnectionTest {
    ConnectionTest {
        ok: false,
        answer: None,
        error: Some(error),
        ..told("", call)
    }
}
