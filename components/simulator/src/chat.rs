//! A conversation with a model in the playground: its answer is told while it comes.

use crate::model::{self, Silence};
use assay_edge::progress::Progress;
use assay_edge::reply::Writer;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Platform, Problem, Reply, clock, reply, sse};
use assay_graph::protocol::{CallStats, ModelSnapshot};
use assay_llm::{ChatAnswer, ChatOptions, Partial};
use assay_model::{ModelChatReply, ModelChatRequest, Timestamp};
use futures::future::{Either, select};
use serde::Deserialize;
use serde_json::json;
use std::pin::pin;

/// How often what is new is told, in milliseconds: words seem to flow.
const TELL_EVERY_MS: u64 = 50;
/// Between two signs of life, in milliseconds: by the first that nobody reads, the call ends.
const ALIVE_EVERY_MS: i64 = 1_000;
/// The name of the schema that an answer must fit.
const SCHEMA: &str = "answer";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chat {
    model: ModelSnapshot,
    request: ModelChatRequest,
    /// The answer is told while it comes.
    stream: bool,
}

impl Chat {
    /// The model with the settings that are wished for, and what else is wanted of it.
    fn settled(self) -> (ModelSnapshot, ModelChatRequest, ChatOptions) {
        let Self {
            mut model,
            mut request,
            stream,
        } = self;
        let spec = &mut model.spec;
        spec.temperature = request.temperature.unwrap_or(spec.temperature);
        spec.max_tokens = request.max_tokens.unwrap_or(spec.max_tokens);
        let schema = request.response_schema.take();
        let options = ChatOptions {
            response_schema: schema.map(|schema| (SCHEMA.to_owned(), schema.into())),
            seed: request.seed,
            stream,
            ..ChatOptions::default()
        };
        (model, request, options)
    }
}

/// `POST /internal/chat`.
pub(crate) async fn chat(mut ctx: Ctx) -> Result<Reply, Problem> {
    let chat: Chat = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let platform = ctx.platform.clone();
    if !chat.stream {
        return reply::ok(&told(&platform, chat, &mut None).await);
    }
    let (writer, answer) = sse::begin();
    spin_sdk::wasip3::spawn(async move {
        let mut teller = Some(Teller {
            writer,
            told: String::new(),
            alive: clock::now(),
            first: None,
        });
        let reply = told(&platform, chat, &mut teller).await;
        if let Some(mut teller) = teller {
            teller.end(&reply).await;
        }
    });
    Ok(answer)
}

/// Asks the model. The teller is gone when nobody listens to it any more.
async fn told(platform: &Platform, chat: Chat, teller: &mut Option<Teller>) -> ModelChatReply {
    let (model, request, mut options) = chat.settled();
    let progress = Progress::default();
    let mut partial = Partial::of_model(&model.spec);
    let tape = Tape::off();
    let asked = model::ask_followed(
        platform,
        &tape,
        &model,
        &request.messages,
        &mut options,
        &progress,
    );
    let mut asked = pin!(asked);
    let mut read = 0;
    let (stats, said) = loop {
        let Some(telling) = teller else {
            break asked.await;
        };
        let waited = pin!(clock::sleep(TELL_EVERY_MS));
        if let Either::Left((done, _)) = select(asked.as_mut(), waited).await {
            break done;
        }
        let new = progress.since(read);
        read += new.len();
        partial.feed(&new);
        let reads = telling.tell(&progress.concealed(partial.text())).await;
        if !reads {
            *teller = None;
            return ModelChatReply::default();
        }
    };
    let first = teller.as_ref().and_then(|teller| teller.first);
    answered(&stats, said, first)
}

fn answered(
    stats: &CallStats,
    said: Result<ChatAnswer, Silence>,
    first: Option<Timestamp>,
) -> ModelChatReply {
    let since = |at: Timestamp| at.millis_since(stats.started).max(0);
    let reply = ModelChatReply {
        model: stats.model.clone(),
        usage: stats.usage,
        cost_usd: stats.cost_usd,
        latency_ms: since(stats.ended),
        first_text_ms: first.map(since),
        ..ModelChatReply::default()
    };
    match said {
        Ok(answer) => ModelChatReply {
            ok: true,
            answer: Some(answer.content),
            finish_reason: answer.finish_reason,
            ..reply
        },
        Err(silence) => ModelChatReply {
            error: Some(silence.told()),
            ..reply
        },
    }
}

/// Tells of an answer while it comes.
struct Teller {
    writer: Writer,
    /// What was told.
    told: String,
    /// When something was sent last.
    alive: Timestamp,
    /// When the first words were there.
    first: Option<Timestamp>,
}

impl Teller {
    /// Tells what is new of a text; whether anybody still reads.
    async fn tell(&mut self, text: &str) -> bool {
        let now = clock::now();
        if let Some(new) = text.strip_prefix(&self.told).filter(|new| !new.is_empty()) {
            self.first.get_or_insert(now);
            self.alive = now;
            let event = sse::event("text", None, &json!({"text": new}).to_string());
            text.clone_into(&mut self.told);
            return self.writer.send(event).await;
        }
        if now.millis_since(self.alive) < ALIVE_EVERY_MS {
            return true;
        }
        self.alive = now;
        self.writer.send(": alive\n\n").await
    }

    /// Tells the rest of the text, and what became of it.
    async fn end(&mut self, reply: &ModelChatReply) {
        if let Some(answer) = &reply.answer
            && !self.tell(answer).await
        {
            return;
        }
        let data = serde_json::to_string(reply).unwrap_or_default();
        self.writer.send(sse::event("answer", None, &data)).await;
    }
}
