//! What the nodes of a run do: what is asked of the outside, and what comes of the answer.

use crate::compile::Play;
use assay_graph::pregel::{Fault, Outcome};
use assay_graph::protocol::{
    FetchRequest, FetchResponse, ProgramResponse, RunItem, TargetResponse, UserTurnResponse, World,
};
use assay_model::{
    DatasetItem, EndResult, Message, Method, MetricResult, MetricSpec, RunErrorKind, ScenarioSpec,
    Severity, TestCase, ToolMock, Trigger, When,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A node of a run.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) does: Does,
    /// Whose situation it is in: an index of the run's scenes.
    pub(crate) scene: usize,
}

/// Who plays what: the run's scenario, or one within it.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) scenario: Option<ScenarioSpec>,
    pub(crate) item: DatasetItem,
    pub(crate) metrics: Vec<MetricSpec>,
    pub(crate) max_turns: u32,
}

/// What a node does.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    Nothing,
    Started(Option<String>),
    Await(Trigger, Option<String>),
    Speak {
        say: Option<String>,
        instructions: String,
    },
    Converse {
        max_turns: Option<u32>,
    },
    Call,
    Task {
        instruction: String,
        output: Option<String>,
    },
    Evaluate(Vec<MetricSpec>),
    Expect(MetricSpec, Severity),
    Rest,
    Decide(Vec<When>),
    Loop {
        times: u32,
        r#while: Option<String>,
        each: Option<String>,
        item: Option<String>,
    },
    Mock {
        tool: String,
        output: Value,
    },
    Fetch {
        method: Method,
        url: String,
        headers: BTreeMap<String, String>,
        body: Option<String>,
        output: Option<String>,
        any_status: bool,
    },
    Compute {
        expression: String,
        output: String,
    },
    Run {
        program_id: String,
        input: Option<String>,
        output: String,
    },
    Transform {
        template: String,
        json: bool,
        output: String,
    },
    Wait(f64),
    AskPerson {
        question: String,
        output: Option<String>,
        as_user: bool,
    },
    Set(BTreeMap<String, String>),
    End(Option<EndResult>),
}

impl Does {
    /// For a person, of what needs nobody.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Nothing => "goes on",
            Self::Started(_) => "what has started it is taken",
            Self::Await(..) | Self::Wait(_) => "has waited",
            Self::Speak { .. } => "the user speaks",
            Self::Converse { .. } => "the user speaks, or stops",
            Self::Call | Self::Task { .. } => "the agent answers",
            Self::Evaluate(_) | Self::Expect(..) | Self::Rest => "nothing is left to score",
            Self::Decide(_) => "takes the first edge that holds",
            Self::Loop { .. } => "goes round, or on",
            Self::Mock { .. } => "a tool will answer what it is to",
            Self::Fetch { .. } => "asks a server",
            Self::Compute { .. } => "computes a variable",
            Self::Run { .. } => "a program computes a variable",
            Self::Transform { .. } => "makes a variable of a template",
            Self::AskPerson { .. } => "a person has answered",
            Self::Set(_) => "a scenario within begins",
            Self::End(_) => "ends",
        }
    }
}

impl Waits {
    /// The node that waits.
    #[must_use]
    pub fn node(&self) -> &str {
        match self {
            Self::Person { node, .. }
            | Self::UserTurn { node, .. }
            | Self::Webhook { node }
            | Self::Timer { node, .. } => node,
        }
    }
}

/// What a task needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Nothing more.
    Done(Outcome),
    /// The user's next words.
    User {
        /// Whose situation it is.
        item: Box<RunItem>,
        /// What was said so far.
        messages: Vec<Message>,
        /// Turns the user has had in this conversation.
        user_turns: u32,
        /// Most of them.
        max_turns: u32,
        /// What the persona is after in this turn; empty where nothing is said.
        instructions: String,
        /// Turns in which the persona found the agent unhelpful.
        unhelpful_turns: Vec<u32>,
        /// Whether a judge may end the conversation first, by the expected outcome.
        judged: bool,
    },
    /// The agent's answer.
    Target {
        /// What was said so far.
        messages: Vec<Message>,
        /// What the agent wanted to be told.
        session: Value,
        /// Tools that are not to be called, and what they answer.
        mocks: Vec<ToolMock>,
        /// The world that its tools act in.
        environment: Option<Box<World>>,
    },
    /// Verdicts.
    Evaluate {
        /// What is scored.
        case: Box<TestCase>,
        /// By what.
        metrics: Vec<MetricSpec>,
    },
    /// The answer of a server.
    Fetch(FetchRequest),
    /// What a program comes to.
    Run {
        /// The program.
        program_id: String,
        /// What it reads.
        input: Value,
        /// What its random numbers follow from.
        seed: u64,
    },
}

/// What came of an act.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// The user's words.
    User(UserTurnResponse),
    /// The agent's.
    Target(TargetResponse),
    /// Verdicts, in the order asked.
    Evaluated(Vec<MetricResult>),
    /// A server's answer.
    Fetched(FetchResponse),
    /// What a program came to.
    Ran(ProgramResponse),
}

/// What a run waits for, as its questions say it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Waits {
    /// A person's answer.
    Person {
        /// The node.
        node: String,
        /// What is asked.
        question: String,
    },
    /// A person's words, in the place of the user.
    UserTurn {
        /// The node.
        node: String,
        /// What is asked.
        question: String,
    },
    /// A signed request.
    Webhook {
        /// The node.
        node: String,
    },
    /// Time: so many seconds from when it began to wait, or the next time that this cron schedule names.
    Timer {
        /// The node.
        node: String,
        /// Seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
        /// The schedule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cron: Option<String>,
    },
}

/// The fault that ends a run with an error of this kind.
#[must_use]
pub fn fault(kind: RunErrorKind, message: impl Into<String>) -> Fault {
    let name = serde_json::to_value(kind).ok();
    Fault {
        kind: name
            .and_then(|n| n.as_str().map(str::to_owned))
            .unwrap_or_default(),
        message: message.into(),
        ..Fault::default()
    }
}

/// What part a node plays in a run, for whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The user speaks.
    User,
    /// The agent answers.
    Agent,
    /// Scores are given.
    Judge,
    /// A way is chosen.
    Condition,
    /// A server answers.
    Server,
    /// Something else happens.
    Step,
    /// Nothing happens.
    Nothing,
}

impl Part {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::Judge => "judge",
            Self::Condition => "condition",
            Self::Server => "server",
            Self::Step => "step",
            Self::Nothing => "nothing",
        }
    }
}

impl Play {
    /// What part a node plays.
    #[must_use]
    pub fn part(&self, node: &str) -> Part {
        match self.deeds.get(node).map(|d| &d.does) {
            None | Some(Does::Nothing | Does::Started(_)) => Part::Nothing,
            Some(
                Does::Speak { .. } | Does::Converse { .. } | Does::AskPerson { as_user: true, .. },
            ) => Part::User,
            Some(Does::Call | Does::Task { .. }) => Part::Agent,
            Some(Does::Evaluate(_) | Does::Expect(..) | Does::Rest) => Part::Judge,
            Some(Does::Decide(_) | Does::Loop { .. }) => Part::Condition,
            Some(Does::Fetch { .. }) => Part::Server,
            Some(_) => Part::Step,
        }
    }
}
