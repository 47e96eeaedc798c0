//! The user's next words: from the script, or from a model that plays the persona.

use crate::model::{self, Silence};
use crate::outcome;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, Platform, Problem, Reply, parse_json, reply};
use assay_graph::protocol::{CallStats, Failure, UserTurnRequest, UserTurnResponse};
use assay_llm::ChatOptions;
use assay_model::{RunError, RunErrorKind};
use assay_persona::{PersonaCall, Turn, UserTurn, next};

pub(crate) async fn user_turn(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: UserTurnRequest = parse_json(&body)?;
    reply::ok(&take(&ctx.platform, &request).await)
}

/// Asks the judge whether the conversation is over, then the model for as long as the turn needs it, which
/// [`assay_persona::max_calls`] bounds.
async fn take(platform: &Platform, request: &UserTurnRequest) -> UserTurnResponse {
    let item = &request.item;
    let turn = Turn {
        item: &item.item,
        scenario: item.scenario.as_ref(),
        messages: &request.messages,
        user_turns: request.user_turns,
        max_turns: request.max_turns,
        instructions: request.instructions.as_deref(),
        unhelpful_turns: &request.unhelpful_turns,
    };
    let tape = Tape::new(request.recording.clone());
    let mut replies = Vec::new();
    let mut call: Option<CallStats> = None;
    if let Some(judge) = &request.judge {
        match outcome::ask(platform, &tape, request, judge, &mut call).await {
            Ok(None) => {}
            Ok(Some(reason)) => {
                let reason = reason.as_str().to_owned();
                return UserTurnResponse::Stop { reason, call };
            }
            Err(failure) => return UserTurnResponse::Failed(failure),
        }
    }
    loop {
        let asked = match next(&turn, &replies) {
            Ok(UserTurn::Ask(asked)) => asked,
            Ok(UserTurn::Say(said)) => {
                return UserTurnResponse::Say {
                    text: said.text,
                    unhelpful: said.unhelpful,
                    call,
                };
            }
            Ok(UserTurn::Stop(reason)) => {
                let reason = reason.as_str().to_owned();
                return UserTurnResponse::Stop { reason, call };
            }
            Ok(UserTurn::AskPerson { .. }) => {
                let stats = call.unwrap_or_default();
                return failed(stats, "a person takes this turn, not a model".into());
            }
            Err(e) => {
                let mut failure = failure(call.unwrap_or_default(), e.to_string());
                failure.retryable = e.is_retryable();
                return UserTurnResponse::Failed(failure);
            }
        };
        match ask(platform, &tape, request, asked, &mut call).await {
            Ok(reply) => replies.push(reply),
            Err(failure) => return UserTurnResponse::Failed(failure),
        }
    }
}

/// One call of the model; `spent` is what all calls of this turn took.
async fn ask(
    platform: &Platform,
    tape: &Tape,
    request: &UserTurnRequest,
    asked: PersonaCall,
    spent: &mut Option<CallStats>,
) -> Result<String, Failure> {
    let Some(model) = &request.model else {
        let message = "no model is configured to play the persona".to_owned();
        return Err(failure(CallStats::default(), message));
    };
    let mut options = ChatOptions {
        seed: Some(request.seed),
        response_schema: asked.response_schema,
        ..ChatOptions::default()
    };
    let (mut stats, said) = model::ask(platform, tape, model, &asked.messages, &mut options).await;
    stats.prompt_version = Some(asked.prompt.version);
    stats.prompt_hash = Some(asked.prompt.hash);
    let stats = match spent.take() {
        Some(before) => together(before, stats),
        None => stats,
    };
    *spent = Some(stats.clone());
    said.map_err(|silence| match silence {
        Silence::Dial(e) => Failure {
            retryable: e.retryable,
            retry_after_ms: e.retry_after_ms,
            ..failure(stats, format!("the persona model {}", e.message))
        },
        Silence::Answer(e) => Failure {
            retryable: e.may_pass(),
            ..failure(
                stats,
                format!("the persona model's answer cannot be read: {e}"),
            )
        },
    })
}

/// What two calls took, one after the other. A sum of which a part is not known is not known.
pub(crate) fn together(before: CallStats, after: CallStats) -> CallStats {
    let usage = before.usage.zip(after.usage).map(|(mut sum, now)| {
        sum += now;
        sum
    });
    let cost_usd = before
        .cost_usd
        .zip(after.cost_usd)
        .map(|(sum, now)| sum + now);
    CallStats {
        started: before.started,
        model: after.model.clone().or(before.model),
        usage,
        cost_usd,
        ..after
    }
}

pub(crate) fn failure(call: CallStats, message: String) -> Failure {
    let error = RunError {
        kind: RunErrorKind::Persona,
        message,
    };
    Failure {
        error,
        retryable: false,
        retry_after_ms: None,
        call,
    }
}

fn failed(call: CallStats, message: String) -> UserTurnResponse {
    UserTurnResponse::Failed(failure(call, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::{Timestamp, TokenUsage};

    fn stats(from: i64, to: i64, usage: Option<TokenUsage>, cost_usd: Option<f64>) -> CallStats {
        let at = |ms| Timestamp::default().plus_millis(ms);
        CallStats {
            started: at(from),
            ended: at(to),
            usage,
            cost_usd,
            ..CallStats::default()
        }
    }

    #[test]
    fn calls_of_one_turn_are_told_as_one() {
        let usage = |input, output| Some(TokenUsage { input, output });
        let known = |from, to| stats(from, to, usage(10, 2), Some(0.5));
        let sum = together(known(0, 5), known(7, 9));
        assert_eq!(sum, stats(0, 9, usage(20, 4), Some(1.0)));
        // The first call did not say what it took.
        let sum = together(stats(0, 5, None, None), known(7, 9));
        assert_eq!(sum, stats(0, 9, None, None));
    }
}
