//! The user's next words: from the script, or from a model that plays the persona.

use crate::model::{self, Silence};
use assay_edge::{Ctx, Platform, Problem, Reply, parse_json, reply};
use assay_graph::protocol::{CallStats, Failure, UserTurnRequest, UserTurnResponse};
use assay_llm::ChatOptions;
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
    let (stats, said) = model::ask(platform, model, messages, &options).await;
    let content = match said {
        Ok(content) => content,
        Err(Silence::Dial(e)) => {
            return failed(
                format!("the persona model {}", e.message),
                e.retryable,
                e.retry_after_ms,
                stats,
            );
        }
        Err(Silence::Answer(e)) => {
            return failed(
                format!("the persona model's answer cannot be read: {e}"),
                true,
                None,
                stats,
            );
        }
    };
    match read_reply(&content) {
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
