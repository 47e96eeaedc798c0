//! The user's next words: from the script, or from a model that plays the persona.

use assay_edge::dial::{Sealed, dial};
use assay_edge::{Ctx, Platform, Problem, Reply, parse_json, reply};
use assay_graph::protocol::{CallStats, Failure, UserTurnRequest, UserTurnResponse};
use assay_llm::{ChatOptions, chat_call, parse_chat};
use assay_model::{Message, RunError, RunErrorKind};
use assay_persona::{UserTurn, next, read_reply};

pub(crate) async fn user_turn(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: UserTurnRequest = parse_json(&body)?;
    let item = &request.item;
    let turn = next(
        &item.item,
        item.scenario.as_ref(),
        &request.messages,
        request.user_turns,
        request.max_turns,
    );
    let response = match turn {
        UserTurn::Ask(call) => play(&ctx.platform, &request, &call.messages).await,
        UserTurn::Say(text) => UserTurnResponse::Say { text, call: None },
        UserTurn::Stop(reason) => UserTurnResponse::Stop {
            reason: reason.as_str().to_owned(),
            call: None,
        },
    };
    reply::ok(&response)
}

async fn play(
    platform: &Platform,
    request: &UserTurnRequest,
    messages: &[Message],
) -> UserTurnResponse {
    let failed = |message: String, retryable, retry_after_ms, call| {
        let error = RunError {
            kind: RunErrorKind::Persona,
            message,
        };
        UserTurnResponse::Failed(Failure {
            error,
            retryable,
            retry_after_ms,
            call,
        })
    };
    let Some(model) = &request.model else {
        return failed(
            "no model is configured to play the persona".into(),
            false,
            None,
            CallStats::default(),
        );
    };
    let options = ChatOptions {
        seed: Some(request.seed),
        ..ChatOptions::default()
    };
    let call = chat_call(&model.spec, messages, &options);
    let sealed = model.credential.as_deref().map(|envelope| Sealed {
        place: format!("models/{}/credential", model.id),
        envelope,
    });
    let dialled = dial(platform, call, sealed).await;
    let mut stats = CallStats {
        started: dialled.started,
        ended: dialled.ended,
        ..CallStats::default()
    };
    let bytes = match dialled.answer {
        Ok(bytes) => bytes,
        Err(e) => {
            return failed(
                format!("the persona model {}", e.message),
                e.retryable,
                e.retry_after_ms,
                stats,
            );
        }
    };
    let answer = match parse_chat(&bytes, model.spec.price.as_ref()) {
        Ok(answer) => answer,
        Err(e) => {
            return failed(
                format!("the persona model's answer cannot be read: {e}"),
                true,
                None,
                stats,
            );
        }
    };
    stats.model = answer.model;
    stats.usage = answer.usage;
    stats.cost_usd = answer.cost_usd;
    match read_reply(&answer.content) {
        Ok(UserTurn::Say(text)) => UserTurnResponse::Say {
            text,
            call: Some(stats),
        },
        Ok(UserTurn::Stop(reason)) => UserTurnResponse::Stop {
            reason: reason.as_str().to_owned(),
            call: Some(stats),
        },
        Ok(UserTurn::Ask(_)) => failed(
            "the persona model asked for another call".into(),
            false,
            None,
            stats,
        ),
        Err(e) => failed(
            format!("the persona model's answer cannot be used: {e}"),
            true,
            None,
            stats,
        ),
    }
}
