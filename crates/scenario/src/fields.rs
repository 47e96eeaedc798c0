//! The state of a run: the fields of its graph, and how they are read.
//!
//! | field | folded by | holds |
//! |---|---|---|
//! | `messages` | appending | the conversation |
//! | `user_turns` | adding | turns of the user |
//! | `vars` | merging | the scenario's variables |
//! | `facts` | merging | what nodes remember: which way a condition took, why a conversation ended |
//! | `scores` | appending | verdicts, in the order in which they were given |
//! | `mocks` | appending | answers of tools that are not to be called |
//! | `environment` | the last write | the state of the environment, once a tool has changed it |
//! | `calls`, `tokens_in`, `tokens_out`, `counted`, `cost_usd`, `unpriced`, `latency_ms` | adding; the greatest | what the agent's answers took |

use assay_graph::pregel::{ChannelSpec, GraphBuilder, Name, Reducer, Shared, TaskInput, Written};
use assay_graph::protocol::{CallStats, TargetAnswer};
use assay_model::{
    Content, DatasetItem, Message, MetricResult, Role, RunStatus, ScenarioSpec, TestCase,
    TokenUsage, ToolCall, ToolMock,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Why a conversation ended.
pub(crate) const STOP_REASON: &str = "stop_reason";
/// The node at which the run failed and ended.
pub(crate) const FAILED_AT: &str = "failed_at";
/// What the agent retrieved for its last answer.
const RETRIEVED: &str = "retrieval_context";
/// What the agent wants to be told with the next request.
const SESSION: &str = "session";

/// The fields, added to a graph.
pub(crate) fn fields(builder: GraphBuilder) -> GraphBuilder {
    let list = Some(json!([]));
    let object = Some(json!({}));
    let zero = Some(json!(0));
    builder
        .reduced("messages", Reducer::Concat, list.clone())
        .reduced("user_turns", Reducer::Add, zero.clone())
        .reduced("vars", Reducer::Merge, object.clone())
        .reduced("facts", Reducer::Merge, object)
        .reduced("scores", Reducer::Concat, list.clone())
        .reduced("mocks", Reducer::Concat, list)
        .field("environment", ChannelSpec::LastValue)
        .reduced("calls", Reducer::Add, zero.clone())
        .reduced("counted", Reducer::Add, zero.clone())
        .reduced("tokens_in", Reducer::Add, zero.clone())
        .reduced("tokens_out", Reducer::Add, zero.clone())
        .reduced("unpriced", Reducer::Add, zero.clone())
        .reduced("cost_usd", Reducer::Add, zero)
        .reduced("latency_ms", Reducer::Max, None)
}

/// What a run begins with.
#[must_use]
pub fn beginning(item: &DatasetItem, variables: &BTreeMap<String, Value>) -> Map<String, Value> {
    let mut map = Map::new();
    // A run must be put something in to begin at all.
    map.insert("messages".into(), json!(item.history));
    if !variables.is_empty() {
        map.insert("vars".into(), json!(variables));
    }
    map
}

/// A write to a field.
pub(crate) fn write(field: &str, value: Value) -> (Name, Written) {
    (field.into(), value.into())
}

/// A write of one fact.
pub(crate) fn fact(name: &str, value: Value) -> (Name, Written) {
    write("facts", json!({name: value}))
}

/// What an answer of the agent writes.
pub(crate) fn answered(answer: &TargetAnswer, before: &State) -> Vec<(Name, Written)> {
    let CallStats {
        started,
        ended,
        usage,
        cost_usd,
        ..
    } = &answer.call;
    let took = ended.micros().saturating_sub(started.micros()) as f64 / 1000.0;
    let message = Message {
        tool_calls: answer.tools_called.clone(),
        retrieval_context: answer.retrieval_context.iter().map(Into::into).collect(),
        ..Message::new(Role::Assistant, answer.shown())
    };
    let mut facts = Map::new();
    facts.insert(RETRIEVED.into(), json!(answer.retrieval_context));
    if answer.session != before.session() {
        facts.insert(SESSION.into(), answer.session.clone());
    }
    let mut writes = vec![
        write("messages", json!([message])),
        write("facts", Value::Object(facts)),
        write("calls", json!(1)),
        write("latency_ms", json!(took)),
    ];
    if let Some(state) = &answer.environment_state {
        writes.push(write("environment", state.clone()));
    }
    if let Some(usage) = usage {
        writes.push(write("counted", json!(1)));
        writes.push(write("tokens_in", json!(usage.input)));
        writes.push(write("tokens_out", json!(usage.output)));
    }
    writes.push(match cost_usd {
        Some(cost) => write("cost_usd", json!(cost)),
        None => write("unpriced", json!(1)),
    });
    writes
}

/// The state of a run, read.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// What was said so far.
    pub messages: Vec<Message>,
    /// Turns the user has had.
    pub user_turns: u32,
    /// The scenario's variables.
    pub vars: Map<String, Value>,
    /// What nodes remember.
    pub facts: Map<String, Value>,
    /// Verdicts.
    pub scores: Vec<MetricResult>,
    /// Answers of tools that are not to be called.
    pub mocks: Vec<ToolMock>,
    /// The state of the environment, once a tool has changed it.
    pub environment: Option<Value>,
    /// Answers of the agent.
    pub calls: u64,
    counted: u64,
    tokens: TokenUsage,
    unpriced: u64,
    cost_usd: f64,
    /// Time of the slowest answer, in milliseconds.
    pub latency_ms: Option<f64>,
}

/// Of a tool that was mocked twice the last one alone.
fn newest(mocks: Vec<ToolMock>) -> Vec<ToolMock> {
    let mut all: Vec<ToolMock> = Vec::new();
    for mock in mocks {
        match all.iter_mut().find(|m| m.tool == mock.tool) {
            Some(earlier) => *earlier = mock,
            None => all.push(mock),
        }
    }
    all
}

impl State {
    /// Of what a task reads.
    #[must_use]
    pub fn of(input: &TaskInput) -> Self {
        Self::read(|name| input.field(name))
    }

    /// Of a graph's fields.
    #[must_use]
    pub fn of_values(values: &BTreeMap<Name, Shared>) -> Self {
        Self::read(|name| values.get(name).map(AsRef::as_ref))
    }

    /// A field that somebody has edited into something else is read as if it held nothing.
    fn read<'v>(field: impl Fn(&str) -> Option<&'v Value>) -> Self {
        fn list<'v, T: Deserialize<'v>>(value: Option<&'v Value>) -> Vec<T> {
            let items = value.and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| T::deserialize(item).ok()).collect()
        }
        let map = |name: &str| {
            let value = field(name).and_then(Value::as_object);
            value.cloned().unwrap_or_default()
        };
        let count = |name: &str| field(name).and_then(Value::as_u64).unwrap_or(0);
        Self {
            messages: list(field("messages")),
            user_turns: u32::try_from(count("user_turns")).unwrap_or(u32::MAX),
            vars: map("vars"),
            facts: map("facts"),
            scores: list(field("scores")),
            mocks: newest(list(field("mocks"))),
            environment: field("environment").filter(|e| e.is_object()).cloned(),
            calls: count("calls"),
            counted: count("counted"),
            tokens: TokenUsage {
                input: count("tokens_in"),
                output: count("tokens_out"),
            },
            unpriced: count("unpriced"),
            cost_usd: field("cost_usd").and_then(Value::as_f64).unwrap_or(0.0),
            latency_ms: field("latency_ms").and_then(Value::as_f64),
        }
    }

    /// What was said last by somebody.
    #[must_use]
    pub fn last(&self, role: Role) -> Option<&Message> {
        self.messages.iter().rev().find(|m| m.role == role)
    }

    /// Tokens the agent spent, where it said so.
    #[must_use]
    pub fn usage(&self) -> Option<TokenUsage> {
        (self.counted > 0).then_some(self.tokens)
    }

    /// What the agent's answers cost, in US dollars; unknown for good once one is unknown.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        (self.calls > 0 && self.unpriced == 0).then_some(self.cost_usd)
    }

    /// A fact that is a text.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(name).and_then(Value::as_str)
    }

    /// Why the conversation ended.
    #[must_use]
    pub fn stop_reason(&self) -> Option<&str> {
        self.fact(STOP_REASON)
    }

    /// What the agent wants to be told with the next request.
    #[must_use]
    pub fn session(&self) -> Value {
        self.facts.get(SESSION).cloned().unwrap_or_default()
    }

    /// The conversation as metrics see it, of an item and the scenario that it was played by.
    #[must_use]
    pub fn test_case(&self, item: &DatasetItem, scenario: Option<&ScenarioSpec>) -> TestCase {
        let text = |role| self.last(role).map(|m| m.content.clone());
        // The item's history was there before the agent.
        let own = self.messages.iter().skip(item.history.len());
        let tools: Vec<ToolCall> = own.flat_map(|m| m.tool_calls.iter().cloned()).collect();
        let retrieved = self.facts.get(RETRIEVED);
        let retrieved = retrieved.and_then(|r| Vec::<Content>::deserialize(r).ok());
        let told = |text: &String| (!text.trim().is_empty()).then(|| text.clone());
        let goal = |s: &ScenarioSpec| s.expected_outcome.clone().or_else(|| told(&s.goal));
        let persona = scenario.and_then(|s| s.persona.as_ref());
        TestCase {
            scenario: scenario.and_then(|s| told(&s.situation)),
            expected_outcome: item.expected_outcome.clone().or(scenario.and_then(goal)),
            user_description: persona
                .map(|p| told(&p.description).unwrap_or_else(|| p.name.clone())),
            input: text(Role::User).unwrap_or_default(),
            actual_output: text(Role::Assistant),
            expected_output: item.expected_output.clone(),
            context: item.context.clone(),
            retrieval_context: retrieved.unwrap_or_default(),
            tools_called: tools,
            expected_tools: item.expected_tools.clone(),
            messages: self.messages.clone(),
            latency_ms: self.latency_ms,
            cost_usd: self.cost_usd(),
            usage: self.usage(),
            ..TestCase::default()
        }
    }

    /// The verdicts that count: what was scored anew counts as it was last, in the place where it was first.
    #[must_use]
    pub fn verdicts(&self) -> Vec<&MetricResult> {
        let mut verdicts: Vec<&MetricResult> = Vec::new();
        for score in &self.scores {
            match verdicts.iter_mut().find(|v| v.name == score.name) {
                Some(earlier) => *earlier = score,
                None => verdicts.push(score),
            }
        }
        verdicts
    }

    /// How a run that has come to its end stands, by the verdicts that count.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        let verdicts = self.verdicts();
        let verdicts: Vec<_> = verdicts.iter().map(|v| (v.status, v.severity)).collect();
        RunStatus::of_verdicts(&verdicts)
    }
}
