//! One run of a program that the workspace has uploaded, in the sandbox.

use assay_edge::db::ScopedDb;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, Platform, Problem, Reply, clock, parse_json, programs, reply};
use assay_graph::protocol::{ProgramRequest, ProgramResponse};
use assay_sandbox::{Execution, Failure, Limits, Progress, Ran, World};
use std::cell::Cell;

/// Instructions between which others of this instance get their turn: a few milliseconds.
const PIECE: u64 = 500_000;
/// Programs of one instance that run at once: each may hold all the memory that a program may have.
const AT_ONCE: usize = 2;
/// How long one that waits for its turn sleeps, in milliseconds.
const NAP_MS: u64 = 5;

thread_local! {
    /// Programs of this instance that run.
    static RUNNING: Cell<usize> = const { Cell::new(0) };
}

/// A program's turn; over when it is dropped.
struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        let running = RUNNING.get();
        (running < AT_ONCE).then(|| {
            RUNNING.set(running + 1);
            Self
        })
    }

    async fn wait() -> Self {
        loop {
            if let Some(turn) = Self::take() {
                return turn;
            }
            clock::sleep(NAP_MS).await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        RUNNING.set(RUNNING.get() - 1);
    }
}

/// `POST /internal/program`.
pub(crate) async fn run(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: ProgramRequest = parse_json(&body)?;
    let tape = Tape::new(request.recording.clone());
    let asked = request.input.to_string();
    let parts = ["program", request.program_id.as_str(), asked.as_str()];
    let answer = tape
        .kept(&parts, async || answer(&ctx.platform, &request).await)
        .await?;
    reply::ok(&answer)
}

async fn answer(platform: &Platform, request: &ProgramRequest) -> Result<ProgramResponse, Problem> {
    let _turn = Turn::wait().await;
    let db = ScopedDb::for_internal(platform.db().await?, request.workspace_id.clone());
    let Some(bytes) = programs::bytes(&db, &request.program_id).await? else {
        return Ok(ProgramResponse::Failed {
            message: format!("{} is not there any more", request.program_id),
        });
    };
    Ok(match execute(&bytes, request).await {
        Ok(ran) => ProgramResponse::Value {
            output: ran.output,
            stderr: ran.stderr,
            fuel: ran.fuel,
        },
        Err(failure) => ProgramResponse::Failed {
            message: failure.to_string(),
        },
    })
}

async fn execute(bytes: &[u8], request: &ProgramRequest) -> Result<Ran, Failure> {
    let world = World {
        seed: request.seed,
        ..World::default()
    };
    let begun = Execution::new(bytes, &request.input, world, Limits::default())?;
    let mut execution = Box::new(begun);
    loop {
        match execution.step(PIECE) {
            Progress::More(more) => execution = more,
            Progress::Ended(ended) => return ended,
        }
        clock::others().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_run_and_the_next_waits() {
        let turns: Vec<Turn> = std::iter::from_fn(Turn::take).collect();
        assert_eq!(turns.len(), AT_ONCE);
        assert!(Turn::take().is_none());
        drop(turns);
        assert!(Turn::take().is_some());
    }
}
