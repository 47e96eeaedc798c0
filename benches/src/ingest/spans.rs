//! The load: bodies as an instrumented agent sends them.

use super::proto::{
    AnyValue, ArrayValue, KeyValue, Kind, Request, Resource, ResourceSpans, Scope, ScopeSpans,
    Span, Status,
};
use super::template::{self, TRACES, Template};
use prost::Message;
use std::time::Duration;

/// Spans of a body.
pub(crate) const SPANS: usize = 100;
/// Spans of each of its traces.
const OF_TRACE: usize = SPANS / TRACES;
/// Bodies with texts of their own; they are sent in turn.
const VARIANTS: usize = 16;
const SPAN_TOOK: Duration = Duration::from_millis(120);

const QUESTIONS: [&str; 4] = [
    "My order has not arrived although the page says that it was delivered two days ago. What can I do now?",
    "I would like to change the delivery address of an order that I placed this morning, to my office in Lyon.",
    "The invoice shows two charges for the same subscription. Please check it and tell me when I get the money back.",
    "Which of your plans has single sign-on, and can I move from monthly to yearly payment in the middle of a month?",
];
const ANSWERS: [&str; 4] = [
    "I am sorry about that. I looked the parcel up: the carrier left it at the counter of the shop next door. If it is not \
     there, I send you another one today; nothing more is needed from your side.",
    "The address is changed. As the order has not been packed yet, it leaves our warehouse tomorrow morning and should reach \
     your office within two working days. You will get a message with a link to follow it.",
    "You are right, there were two charges. The second one is cancelled; depending on your bank the money is back within five \
     working days. I have also added a note to the account, so that it does not happen again.",
    "Single sign-on is part of the Team and the Enterprise plan. You can move to yearly payment at any time: what is left of \
     the month is deducted from the first yearly invoice.",
];

fn of<T: Copy>(list: &[T; 4], index: usize) -> T {
    let [a, b, c, d] = *list;
    match index % 4 {
        0 => a,
        1 => b,
        2 => c,
        _ => d,
    }
}

fn message(role: &str, content: &str) -> String {
    serde_json::json!([{"role": role, "parts": [{"type": "text", "content": content}]}]).to_string()
}

fn kv(key: &str, value: impl Into<AnyValue>) -> KeyValue {
    KeyValue::new(key, value)
}

fn resource() -> Resource {
    Resource {
        attributes: vec![
            kv("service.name", "support-agent"),
            kv("service.version", "2.4.1"),
            kv("deployment.environment.name", "production"),
            kv("telemetry.sdk.language", "python"),
            kv("telemetry.sdk.name", "opentelemetry"),
            kv("telemetry.sdk.version", "1.45.2"),
        ],
    }
}

fn request(spans: Vec<Span>) -> Request {
    Request {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource()),
            scope_spans: vec![ScopeSpans {
                scope: Some(Scope {
                    name: "opentelemetry.instrumentation.openai_v2".to_owned(),
                    version: "2.1b0".to_owned(),
                }),
                spans,
            }],
        }],
    }
}

/// What a span did: the first of a trace is the agent, then models and tools in turn.
fn attributes(index: usize, variant: usize, trace: usize, session: &str) -> Vec<KeyValue> {
    let pick = variant + trace + index;
    let user = format!("user-{:03}", (variant * TRACES + trace) % 500);
    let mut list = vec![
        kv("gen_ai.conversation.id", session),
        kv("user.id", user.as_str()),
    ];
    let question = message("user", of(&QUESTIONS, pick));
    let answer = message("assistant", of(&ANSWERS, pick));
    if index == 0 {
        list.extend([
            kv("gen_ai.operation.name", "invoke_agent"),
            kv("gen_ai.agent.name", "support"),
            kv("gen_ai.input.messages", question.as_str()),
            kv("gen_ai.output.messages", answer.as_str()),
        ]);
    } else if index.is_multiple_of(3) {
        let arguments =
            format!("{{\"order\":\"A-{pick:05}\",\"fields\":[\"status\",\"carrier\"]}}");
        let result = format!(
            "{{\"order\":\"A-{pick:05}\",\"status\":\"delivered\",\"carrier\":\"parcel post\",\"left_at\":\"counter\"}}"
        );
        list.extend([
            kv("gen_ai.operation.name", "execute_tool"),
            kv("gen_ai.tool.name", "find_order"),
            kv("gen_ai.tool.call.id", format!("call_{pick}").as_str()),
            kv("gen_ai.tool.call.arguments", arguments.as_str()),
            kv("gen_ai.tool.call.result", result.as_str()),
        ]);
    } else {
        let reasons = ArrayValue {
            values: vec!["stop".into()],
        };
        list.extend([
            kv("gen_ai.operation.name", "chat"),
            kv("gen_ai.provider.name", "openai"),
            kv("gen_ai.request.model", "gpt-4o-mini"),
            kv("gen_ai.response.model", "gpt-4o-mini-2024-07-18"),
            kv("gen_ai.request.temperature", Kind::Double(0.2)),
            kv("gen_ai.request.max_tokens", Kind::Int(512)),
            kv(
                "gen_ai.response.id",
                format!("chatcmpl-{session}-{index}").as_str(),
            ),
            kv("gen_ai.response.finish_reasons", Kind::Array(reasons)),
            kv(
                "gen_ai.usage.input_tokens",
                Kind::Int(400 + pick as i64 * 7),
            ),
            kv(
                "gen_ai.usage.output_tokens",
                Kind::Int(90 + pick as i64 * 3),
            ),
            kv("gen_ai.input.messages", question.as_str()),
            kv("gen_ai.output.messages", answer.as_str()),
            kv("server.address", "llm.example.com"),
            kv("server.port", Kind::Int(443)),
        ]);
    }
    list
}

fn name(index: usize) -> &'static str {
    if index == 0 {
        "invoke_agent support"
    } else if index.is_multiple_of(3) {
        "execute_tool find_order"
    } else {
        "chat gpt-4o-mini"
    }
}

fn span_id(nonce: &[u8], index: usize) -> Vec<u8> {
    let mut id = nonce.to_vec();
    id.extend((index as u16 + 1).to_be_bytes());
    id
}

fn span(trace_id: &[u8], nonce: &[u8], index: usize, parent: Option<usize>) -> Span {
    Span {
        trace_id: trace_id.to_vec(),
        span_id: span_id(nonce, index),
        parent_span_id: parent
            .map(|parent| span_id(nonce, parent))
            .unwrap_or_default(),
        name: name(index).to_owned(),
        kind: if index == 0 { 1 } else { 3 },
        status: Some(Status::default()),
        ..Span::default()
    }
}

/// A body of [`SPANS`] spans in [`TRACES`] traces.
fn body(variant: usize) -> Vec<u8> {
    let mut spans = Vec::with_capacity(SPANS);
    for trace in 0..TRACES {
        let nonce = template::mark(trace);
        let mut trace_id = nonce.to_vec();
        trace_id.extend([0x11 * (trace as u8 + 1); 10]);
        for index in 0..OF_TRACE {
            let began = SPAN_TOOK * (index + trace) as u32;
            let parent = (index > 0).then_some(0);
            let mut span = span(&trace_id, &nonce, index, parent);
            span.start_time_unix_nano = template::time(began);
            span.end_time_unix_nano = template::time(began + SPAN_TOOK);
            span.attributes = attributes(index, variant, trace, &template::text(trace));
            spans.push(span);
        }
    }
    request(spans).encode_to_vec()
}

/// Bodies of [`SPANS`] spans each, with different texts.
pub(crate) fn templates() -> Vec<Template> {
    (0..VARIANTS)
        .map(|variant| Template::new(body(variant)))
        .collect()
}

/// One trace of many spans, in bodies of [`SPANS`], and its id. Each span has up to ten children.
pub(crate) fn large_trace(spans: usize) -> (String, Vec<Vec<u8>>) {
    let [nonce, ..] = template::fresh();
    let mut trace_id = nonce.to_vec();
    trace_id.extend([0x5a; 10]);
    let first = template::now_nanos();
    let all: Vec<usize> = (0..spans).collect();
    let bodies = all.chunks(SPANS).map(|indices| {
        let of = |index: &usize| {
            let parent = index.checked_sub(1).map(|before| before / 10);
            let mut span = span(&trace_id, &nonce, *index, parent);
            span.start_time_unix_nano = first + *index as u64 * 1_000_000;
            span.end_time_unix_nano = span.start_time_unix_nano + SPAN_TOOK.as_nanos() as u64;
            span.attributes = attributes(*index, 0, 0, "large");
            span
        };
        request(indices.iter().map(of).collect()).encode_to_vec()
    });
    (hex::encode(&trace_id), bodies.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn spans(body: &[u8]) -> Vec<Span> {
        let request = Request::decode(body).unwrap();
        request.resource_spans[0].scope_spans[0].spans.clone()
    }

    #[test]
    fn no_two_bodies_share_an_id() {
        let template = Template::new(body(3));
        let (mut ids, mut traces, mut out) = (HashSet::new(), HashSet::new(), Vec::new());
        for _ in 0..3 {
            template.fill(&template::fresh(), &mut out);
            for span in spans(&out) {
                assert!(span.start_time_unix_nano < span.end_time_unix_nano);
                assert!(span.attributes.len() >= 6, "{span:?}");
                traces.insert(span.trace_id);
                ids.insert(span.span_id);
            }
            let text = String::from_utf8_lossy(&out);
            assert!(!text.contains("@session@@"));
        }
        assert_eq!((ids.len(), traces.len()), (3 * SPANS, 3 * TRACES));
    }

    #[test]
    fn a_body_is_of_the_size_that_agents_send() {
        let size = body(0).len() / SPANS;
        assert!((500..2500).contains(&size), "{size} bytes a span");
    }

    #[test]
    fn every_span_of_a_large_trace_but_the_first_has_a_parent_in_it() {
        let (id, bodies) = large_trace(1000);
        let all: Vec<Span> = bodies.iter().flat_map(|body| spans(body)).collect();
        let ids: HashSet<_> = all.iter().map(|span| span.span_id.clone()).collect();
        assert_eq!((ids.len(), bodies.len(), id.len()), (1000, 10, 32));
        let roots = all.iter().filter(|span| span.parent_span_id.is_empty());
        assert_eq!(roots.count(), 1);
        let known = |span: &&Span| ids.contains(&span.parent_span_id);
        assert_eq!(all.iter().filter(known).count(), 999);
    }
}
