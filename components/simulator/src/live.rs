//! Tells those who look on at a run what its agent has said so far, while the answer streams.
//!
//! The answer does not depend on it: what goes wrong here is nobody's fault but the onlookers', who see the answer when it is there.
//! While nobody looks on, one read of the key-value store a second is all that is done, and none of an answer that is there at once.

use assay_edge::clock;
use assay_edge::kv::Kv;
use assay_edge::progress::Progress;
use assay_graph::live::{LiveCall, Onlookers, SoFar};
use assay_graph::protocol::TargetRequest;
use assay_llm::Partial;
use assay_model::{Role, Timestamp};
use futures::future::{Either, select};
use std::cell::Cell;
use std::pin::pin;

/// How often the words are told, in milliseconds, and after what time first.
const TELL_EVERY_MS: u64 = 250;
/// How often it is asked whether somebody looks on, in milliseconds.
const ASK_EVERY_MS: u64 = 1_000;

/// Tells of the answer to one request for a target.
pub(crate) struct Live<'r> {
    call: Option<&'r LiveCall>,
    run_id: &'r str,
    turn: u32,
    /// Whether something may be there that is to be taken away.
    told: Cell<bool>,
}

impl<'r> Live<'r> {
    pub(crate) fn of(request: &'r TargetRequest) -> Self {
        let turns = request.messages.iter().filter(|m| m.role == Role::User);
        Self {
            call: request.live.as_ref(),
            run_id: &request.run_id,
            turn: u32::try_from(turns.count()).unwrap_or(u32::MAX),
            told: Cell::new(false),
        }
    }

    /// Does the call, and tells of it meanwhile. `partial` reads what is in `progress`.
    pub(crate) async fn during<T>(
        &self,
        partial: Option<Partial>,
        progress: &Progress,
        dialled: impl Future<Output = T>,
    ) -> T {
        let (Some(call), Some(partial)) = (self.call, partial) else {
            return dialled.await;
        };
        let mut teller = Teller {
            live: self,
            call,
            partial,
            progress,
            read: 0,
            began: clock::now(),
            asked: None,
            text: String::new(),
        };
        let mut dialled = pin!(dialled);
        let mut wait_ms = TELL_EVERY_MS;
        loop {
            let waited = pin!(clock::sleep(wait_ms));
            if let Either::Left((done, _)) = select(dialled.as_mut(), waited).await {
                return done;
            }
            let told = pin!(teller.tell());
            match select(dialled.as_mut(), told).await {
                Either::Left((done, told)) => {
                    // A write that is under way must not come after what takes it away.
                    told.await;
                    return done;
                }
                Either::Right((next_ms, _)) => wait_ms = next_ms,
            }
        }
    }

    /// The answer is there, or there is none: its words so far are taken away.
    pub(crate) async fn ended(&self) {
        if let Some(call) = self.call.filter(|_| self.told.get())
            && let Ok(kv) = Kv::open().await
        {
            // What stays behind names a step that is over.
            let _ = kv.delete(&self.key(call)).await;
        }
    }

    fn key(&self, call: &LiveCall) -> String {
        SoFar::key(&call.workspace_id, self.run_id, &call.task)
    }
}

/// Tells of one request to the agent.
struct Teller<'t> {
    live: &'t Live<'t>,
    call: &'t LiveCall,
    partial: Partial,
    progress: &'t Progress,
    /// Bytes that were read.
    read: usize,
    began: Timestamp,
    /// When it was asked last whether somebody looks on, and whether somebody did.
    asked: Option<(Timestamp, bool)>,
    /// What was told last.
    text: String,
}

impl Teller<'_> {
    /// Tells what is new, if somebody looks on. After how many milliseconds there may be more.
    async fn tell(&mut self) -> u64 {
        let Ok(kv) = Kv::open().await else {
            return ASK_EVERY_MS;
        };
        if !self.is_watched(&kv).await {
            return ASK_EVERY_MS;
        }
        let new = self.progress.since(self.read);
        self.read += new.len();
        self.partial.feed(&new);
        let text = self.progress.concealed(self.partial.text());
        if text.is_empty() || text == self.text {
            return TELL_EVERY_MS;
        }
        let so_far = SoFar {
            step: self.call.step,
            turn: self.live.turn,
            began: self.began,
            text,
        };
        self.live.told.set(true);
        if kv.set(&self.live.key(self.call), &so_far).await.is_ok() {
            self.text = so_far.text;
        }
        TELL_EVERY_MS
    }

    async fn is_watched(&mut self, kv: &Kv) -> bool {
        let now = clock::now();
        let every = i64::try_from(ASK_EVERY_MS).unwrap_or(i64::MAX);
        if let Some((at, is)) = self.asked
            && is
            && now.millis_since(at) < every
        {
            return true;
        }
        let key = Onlookers::key(&self.call.workspace_id, &self.call.campaign_id);
        let found = kv.get::<Onlookers>(&key).await;
        let found = found.ok().flatten().unwrap_or_default();
        let is = found.see(&self.call.campaign_id, self.live.run_id, now);
        self.asked = Some((now, is));
        is
    }
}
