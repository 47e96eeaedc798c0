//! One call of the agent under test.

use assay_edge::dial::{Dialled, Sealed, dial};
use assay_edge::{Ctx, Problem, Reply, parse_json, reply};
use assay_graph::protocol::{CallStats, Failure, TargetAnswer, TargetRequest, TargetResponse};
use assay_llm::{parse_target, target_call};
use assay_model::{RunError, RunErrorKind};

pub(crate) async fn call(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: TargetRequest = parse_json(&body)?;
    let agent = &request.agent;
    let call = match target_call(&agent.spec, &request.messages, &request.run_id) {
        Ok(call) => call,
        Err(e) => {
            let message = format!("the request cannot be made from the agent's template: {e}");
            return reply::ok(&TargetResponse::Failed(failure(
                RunErrorKind::TargetBadResponse,
                message,
                false,
            )));
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
    } = dial(&ctx.platform, call, sealed).await;
    let mut stats = CallStats {
        started,
        ended,
        ..CallStats::default()
    };
    let response = match answer {
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
    };
    reply::ok(&response)
}

fn failure(kind: RunErrorKind, message: String, retryable: bool) -> Failure {
    Failure {
        error: RunError { kind, message },
        retryable,
        retry_after_ms: None,
        call: CallStats::default(),
    }
}
