//! One call of the agent under test.

use assay_edge::dial::{Dialled, Sealed, dial};
use assay_edge::{Ctx, Platform, Problem, Reply, parse_json, reply};
use assay_graph::protocol::{
    AgentSnapshot, CallStats, Failure, TargetAnswer, TargetRequest, TargetResponse,
};
use assay_llm::{parse_target, target_call};
use assay_model::{Message, RunError, RunErrorKind};

pub(crate) async fn call(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: TargetRequest = parse_json(&body)?;
    let agent = &request.agent;
    reply::ok(&ask(&ctx.platform, agent, &request.messages, &request.run_id).await)
}

/// Sends the conversation to the agent and reads its answer.
pub(crate) async fn ask(
    platform: &Platform,
    agent: &AgentSnapshot,
    messages: &[Message],
    run_id: &str,
) -> TargetResponse {
    let call = match target_call(&agent.spec, messages, run_id) {
        Ok(call) => call,
        Err(e) => {
            let message = format!("the request cannot be made from the agent's templates: {e}");
            return TargetResponse::Failed(failure(
                RunErrorKind::TargetBadResponse,
                message,
                false,
            ));
        }
    };
    let sealed = agent.credential.as_deref().map(|envelope| Sealed {
        place: format!("agents/{}/credential", agent.id),
        envelope,
    });
    let Dialled {
        started,
        ended,
        answer,
    } = dial(platform, call, sealed).await;
    let mut stats = CallStats {
        started,
        ended,
        ..CallStats::default()
    };
    match answer {
        Err(e) => TargetResponse::Failed(Failure {
            error: RunError {
                kind: e.kind,
                message: format!("the agent {}", e.message),
            },
            retryable: e.retryable,
            retry_after_ms: e.retry_after_ms,
            call: stats,
        }),
        Ok(bytes) => match parse_target(&agent.spec, &bytes) {
            Ok(answer) => {
                stats.model = answer.model;
                stats.usage = answer.usage;
                stats.cost_usd = answer.cost_usd;
                TargetResponse::Answer(TargetAnswer {
                    content: answer.content,
                    tools_called: answer.tool_calls,
                    retrieval_context: answer.retrieval_context,
                    session: serde_json::Value::Null,
                    call: stats,
                })
            }
            // Garbage may be a hiccup of a gateway: worth another try.
            Err(e) => TargetResponse::Failed(Failure {
                call: stats,
                ..failure(
                    RunErrorKind::TargetBadResponse,
                    format!("the agent's answer cannot be read: {e}"),
                    true,
                )
            }),
        },
    }
}

fn failure(kind: RunErrorKind, message: String, retryable: bool) -> Failure {
    Failure {
        error: RunError { kind, message },
        retryable,
        retry_after_ms: None,
        call: CallStats::default(),
    }
}
