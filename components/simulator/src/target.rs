//! One answer of the agent under test, with all requests, calls of tools and waiting that it takes.

use crate::live::Live;
use crate::tools::Servers;
use crate::world::Place;
use assay_edge::dial::{Credentials, DialError, Sealed, dial_followed};
use assay_edge::progress::Progress;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, Platform, Problem, Reply, clock, parse_json, reply};
use assay_graph::protocol::{CallStats, Failure, TargetAnswer, TargetRequest, TargetResponse};
use assay_llm::{
    AnswerError, AskedCall, Exchange, HttpCall, McpError, Next, Outcome, Plan, Spent, ToolResult,
    Toolbox, ToolboxError, Turn,
};
use assay_model::{RunError, RunErrorKind, Timestamp};

pub(crate) async fn call(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: TargetRequest = parse_json(&body)?;
    // A thousand may wait for their agents at the same time: the text of what was parsed need not wait with them.
    drop(body);
    reply::ok(&ask(&ctx.platform, &request).await?)
}

/// Why there is no answer.
pub(crate) struct Fault {
    kind: RunErrorKind,
    message: String,
    retryable: bool,
    retry_after_ms: Option<u64>,
}

impl Fault {
    pub(crate) fn new(kind: RunErrorKind, message: String, retryable: bool) -> Self {
        Self {
            kind,
            message,
            retryable,
            retry_after_ms: None,
        }
    }

    /// Nobody answered: `who` is the beginning of the sentence.
    pub(crate) fn dial(who: &str, e: DialError) -> Self {
        Self {
            kind: e.kind,
            message: format!("{who} {}", e.message),
            retryable: e.retryable,
            retry_after_ms: e.retry_after_ms,
        }
    }

    /// The server `who` cannot be used.
    pub(crate) fn server(who: &str, e: &McpError) -> Self {
        let kind = match e {
            McpError::Status { .. } => RunErrorKind::TargetStatus,
            _ => RunErrorKind::TargetBadResponse,
        };
        Self::new(kind, format!("{who} {e}"), e.may_pass())
    }

    pub(crate) fn into_message(self) -> String {
        self.message
    }
}

impl From<ToolboxError> for Fault {
    fn from(e: ToolboxError) -> Self {
        Self::new(RunErrorKind::TargetBadResponse, e.to_string(), false)
    }
}

/// Until when the answer must be there.
#[derive(Clone, Copy)]
pub(crate) struct Deadline {
    at: Timestamp,
    timeout_ms: u64,
}

impl Deadline {
    fn after(timeout_ms: u64) -> Self {
        let wait = i64::try_from(timeout_ms).unwrap_or(i64::MAX);
        let at = clock::now()
            .micros()
            .saturating_add(wait.saturating_mul(1000));
        Self {
            at: Timestamp::from_micros(at),
            timeout_ms,
        }
    }

    /// Milliseconds that are left.
    ///
    /// # Errors
    /// [`Fault`] when none are.
    pub(crate) fn left(self) -> Result<u64, Fault> {
        let left = (self.at.micros() - clock::now().micros()) / 1000;
        match u64::try_from(left) {
            Ok(left) if left > 0 => Ok(left),
            _ => Err(self.passed()),
        }
    }

    /// The call, bounded by what is left.
    ///
    /// # Errors
    /// [`Fault`] when nothing is.
    pub(crate) fn bound(self, call: HttpCall) -> Result<HttpCall, Fault> {
        let timeout_ms = call.timeout_ms.min(self.left()?);
        Ok(HttpCall { timeout_ms, ..call })
    }

    fn passed(self) -> Fault {
        let message = format!("the agent gave no answer within {} ms", self.timeout_ms);
        Fault::new(RunErrorKind::TargetTimeout, message, true)
    }
}

/// Sends the conversation to the agent and reads its answer.
///
/// # Errors
/// When the store of a recording fails.
pub(crate) async fn ask(
    platform: &Platform,
    request: &TargetRequest,
) -> Result<TargetResponse, Problem> {
    let deadline = Deadline::after(request.agent.spec.timeout_ms);
    let turn = Turn {
        agent: &request.agent.spec,
        messages: &request.messages,
        run_id: &request.run_id,
        session: &request.session,
    };
    let mut stats = CallStats {
        started: clock::now(),
        ..CallStats::default()
    };
    let tape = Tape::new(request.recording.clone());
    let live = Live::of(request);
    let mut servers = Servers::new(platform, &tape, deadline, &request.agent.secrets);
    // Of an answer that fails nothing is kept: the next try finds the environment as this one did.
    let mut place = Place::new(request.environment.as_deref());
    let result = converse(
        (platform, &tape, &live),
        deadline,
        request,
        turn,
        (&mut servers, &mut place),
        &mut stats,
    )
    .await;
    let took = tape.took(stats.started).await;
    live.ended().await;
    (stats.started, stats.ended) = took?;
    servers.close().await;
    Ok(match result {
        Ok(Outcome { answer, session }) => {
            stats.model = answer.model;
            stats.usage = answer.usage;
            stats.cost_usd = answer.cost_usd;
            TargetResponse::Answer(TargetAnswer {
                content: answer.content,
                images: answer.images,
                tools_called: answer.tool_calls,
                retrieval_context: answer.retrieval_context,
                session,
                environment_state: place.changed(),
                call: stats,
            })
        }
        Err(fault) => TargetResponse::Failed(Failure {
            error: RunError {
                kind: fault.kind,
                message: fault.message,
            },
            retryable: fault.retryable,
            retry_after_ms: fault.retry_after_ms,
            call: stats,
        }),
    })
}

async fn converse(
    (platform, tape, live): (&Platform, &Tape, &Live<'_>),
    deadline: Deadline,
    request: &TargetRequest,
    turn: Turn<'_>,
    (servers, place): (&mut Servers<'_>, &mut Place<'_>),
    stats: &mut CallStats,
) -> Result<Outcome, Fault> {
    let mut toolbox = Toolbox::new(&turn, place.tools(), &request.mocks)?;
    servers.open(&turn, &mut toolbox).await?;
    toolbox.check_mocks()?;
    // Finding the tools of servers is no part of the answer, though it takes of the time for it.
    stats.started = clock::now();
    let mut exchange = Exchange::new(turn, toolbox.tools());
    loop {
        let call = exchange.call().map_err(|e| {
            let message = format!("the request cannot be made from the agent's templates: {e}");
            Fault::new(RunErrorKind::TargetBadResponse, message, false)
        })?;
        let sealed = request.agent.credential.as_deref().map(|envelope| Sealed {
            place: format!("agents/{}/credential", request.agent.id),
            envelope,
        });
        let credentials = Credentials {
            own: sealed,
            secrets: Some(&request.agent.secrets),
        };
        let progress = Progress::default();
        let dialled = dial_followed(
            platform,
            tape,
            deadline.bound(call)?,
            credentials,
            &progress,
        );
        let dialled = live.during(exchange.partial(), &progress, dialled).await;
        let bytes = dialled.answer.map_err(|e| match e.kind {
            // The time may have gone to tools before.
            RunErrorKind::TargetTimeout => deadline.passed(),
            _ => Fault::dial("the agent", e),
        })?;
        match exchange.hear(&bytes) {
            Ok(Next::Done(outcome)) => {
                place.told(&outcome.answer.tool_calls)?;
                return Ok(*outcome);
            }
            Ok(Next::Again { after_ms }) => {
                clock::sleep(tape.wait_ms(after_ms).min(deadline.left()?)).await
            }
            Ok(Next::Run(calls)) => {
                let results = run(servers, place, &toolbox, calls).await?;
                exchange.ran(results);
            }
            Err(e) => {
                let Spent {
                    usage,
                    cost_usd,
                    model,
                } = exchange.spent();
                // Of an answer that cannot be read nobody knows what it took.
                if matches!(e, AnswerError::TooManySteps(_)) {
                    stats.usage = usage;
                    stats.cost_usd = cost_usd;
                }
                stats.model = model;
                let message = match e {
                    AnswerError::TooManySteps(_) | AnswerError::Task { .. } => e.to_string(),
                    _ => format!("the agent's answer cannot be read: {e}"),
                };
                let kind = RunErrorKind::TargetBadResponse;
                return Err(Fault::new(kind, message, e.may_pass()));
            }
        }
    }
}

/// Runs calls one after the other, for one may rest on what another did.
async fn run(
    servers: &mut Servers<'_>,
    place: &mut Place<'_>,
    toolbox: &Toolbox,
    calls: Vec<AskedCall>,
) -> Result<Vec<ToolResult>, Fault> {
    let mut results = Vec::with_capacity(calls.len());
    for call in calls {
        let (tool, plan) = toolbox.plan(&call);
        let output = match plan {
            Plan::Environment { tool, arguments } => place.run(tool, &arguments)?,
            plan => servers.run(plan).await?,
        };
        results.push(ToolResult { call, tool, output });
    }
    Ok(results)
}
