//! What the nodes of a scenario do, and when edges are taken.

use crate::schema::NOT_BLANK;
use crate::{MetricSpec, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Names of nodes.
pub(super) const ID: &str = "^[A-Za-z0-9_-]{1,64}$";
/// Names of variables.
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";
/// Names that templates and expressions have for what a run knows of itself.
pub const RESERVED_VARIABLES: [&str; 14] = [
    "answer",
    "facts",
    "false",
    "input",
    "item",
    "messages",
    "none",
    "null",
    "repetition",
    "run_id",
    "scores",
    "seed",
    "true",
    "turns",
];

/// How much a failed expectation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The run has failed and ends at once.
    Critical,
    /// The run has failed and goes on.
    #[default]
    Major,
    /// It is noted; the run may pass.
    Minor,
}

impl Severity {
    /// Whether it is what is meant where nothing is said.
    #[must_use]
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub const fn is_default(&self) -> bool {
        matches!(self, Self::Major)
    }
}

/// What starts a scenario, or lets it go on where it waits in the middle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// A person.
    Manual {},
    /// A signed request to `POST /hooks/runs/{id}`.
    Webhook {},
    /// A point in time: five fields of cron, in UTC.
    Cron(#[schemars(length(min = 9, max = 200))] String),
}

/// Where a scenario ends without a metric having said how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndResult {
    /// That it ends here is good.
    Passed,
    /// That it ends here is a failure.
    Failed,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    #[default]
    Get,
    /// Sends.
    Post,
    /// Puts in place.
    Put,
    /// Changes.
    Patch,
    /// Takes away.
    Delete,
}

impl Method {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a node does. Texts marked as templates may name variables, `{{ order_id }}`; a name that is not known is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum NodeKind {
    /// The scenario begins here. Nothing happens.
    Start {},
    /// Waits for what is to let it go on. As the first node it is what has started the campaign, and waits for nothing.
    Trigger {
        /// What it waits for.
        on: Trigger,
        /// The variable that takes what came with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(regex(pattern = VARIABLE)))]
        output: Option<String>,
    },
    /// The user says something: `say`, or what a model that plays the persona makes of the situation.
    PersonaTurn {
        /// The words, a template.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(min = 1, max = 20000), regex(pattern = NOT_BLANK)))]
        say: Option<String>,
        /// What the persona is after in this turn, for whoever plays it. A template.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        #[schemars(length(max = 5000))]
        instructions: String,
    },
    /// The agent answers.
    TargetCall {},
    /// User and agent talk until one of the scenario's stop conditions holds.
    Converse {
        /// Most turns of the user; the scenario's and the campaign's bound where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 100))]
        max_turns: Option<u32>,
    },
    /// The agent is told something word for word, and answers.
    Task {
        /// The words, a template.
        #[schemars(length(min = 1, max = 20000), regex(pattern = NOT_BLANK))]
        instruction: String,
        /// The variable that takes the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(regex(pattern = VARIABLE)))]
        output: Option<String>,
    },
    /// The conversation so far is scored.
    Evaluate {
        /// By these metrics; by the scenario's and the campaign's when there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 50))]
        metrics: Vec<MetricSpec>,
    },
    /// A metric must be passed here.
    Expectation {
        /// The metric with its threshold.
        metric: MetricSpec,
        /// What follows when it is not.
        #[serde(default, skip_serializing_if = "Severity::is_default")]
        severity: Severity,
    },
    /// The first edge whose condition holds is taken, else the one without.
    Condition {},
    /// From here on the tool answers this.
    ToolMock {
        /// The tool's name.
        #[schemars(length(min = 1, max = 200), regex(pattern = NOT_BLANK))]
        tool: String,
        /// What it answers.
        #[serde(default)]
        output: Value,
    },
    /// A request to a server, whose answer a variable takes: `{status, body}`.
    Tool {
        /// The method.
        #[serde(default)]
        method: Method,
        /// Where to, a template. Private addresses are refused.
        #[schemars(length(min = 1, max = 2000), regex(pattern = NOT_BLANK))]
        url: String,
        /// Headers; values are templates, in which `{{ secrets.name }}` is a secret of the workspace, put in when the request is
        /// made. Secrets stand in no other form here: headers are shown again.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(extend("maxProperties" = 50))]
        headers: BTreeMap<String, String>,
        /// What is sent, a template.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(max = 100_000)))]
        body: Option<String>,
        /// The variable that takes the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(regex(pattern = VARIABLE)))]
        output: Option<String>,
        /// Whether an answer other than 2xx is one as well, and no failure.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        any_status: bool,
    },
    /// A variable takes what an expression in CEL comes to, or what a program of the workspace makes of a value: exactly one of
    /// `expression` and `program_id`.
    Code {
        /// The expression.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(min = 1, max = 4096), regex(pattern = NOT_BLANK)))]
        expression: Option<String>,
        /// The program, which is run in a sandbox.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(min = 1, max = 64), regex(pattern = NOT_BLANK)))]
        program_id: Option<String>,
        /// An expression in CEL: the value that the program reads. An object of all variables where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(min = 1, max = 4096), regex(pattern = NOT_BLANK)))]
        input: Option<String>,
        /// The variable.
        #[schemars(regex(pattern = VARIABLE))]
        output: String,
    },
    /// A variable takes what a template comes to.
    Transform {
        /// The template.
        #[schemars(length(min = 1, max = 100_000))]
        template: String,
        /// Whether the text is JSON, and its value what is taken.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        json: bool,
        /// The variable.
        #[schemars(regex(pattern = VARIABLE))]
        output: String,
    },
    /// Nothing happens for a while.
    Wait {
        /// How long.
        #[schemars(range(min = 0, max = 604_800))]
        seconds: f64,
    },
    /// All its edges are taken at once; the branches meet in one `join`.
    Parallel {},
    /// Waits for all branches of a `parallel`.
    Join {},
    /// The edge marked `again` is taken as long as it says, then the other one. It counts from 0 in the variable `item`, or takes values one by one.
    Loop {
        /// How often at most.
        #[serde(default = "ten", skip_serializing_if = "is_ten")]
        #[schemars(range(min = 1, max = 1000))]
        times: u32,
        /// As long as this expression in CEL is true.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(min = 1, max = 4096)))]
        r#while: Option<String>,
        /// For each value of the list that this expression in CEL comes to when the loop begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(min = 1, max = 4096)))]
        each: Option<String>,
        /// The variable.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(regex(pattern = VARIABLE)))]
        item: Option<String>,
    },
    /// A person decides, or speaks as the user.
    WaitForPerson {
        /// What the person is asked, a template.
        #[schemars(length(min = 1, max = 5000), regex(pattern = NOT_BLANK))]
        question: String,
        /// The variable that takes the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(regex(pattern = VARIABLE)))]
        output: Option<String>,
        /// Whether the answer is what the user says next.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        as_user: bool,
    },
    /// Another scenario is played at this place.
    SubScenario {
        /// Which one.
        #[schemars(length(min = 1, max = 64), regex(pattern = NOT_BLANK))]
        scenario_id: String,
        /// Variables that are set before, by templates.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(extend("maxProperties" = 50))]
        inputs: BTreeMap<String, String>,
    },
    /// The scenario is over.
    End {
        /// What it means to end here; nothing of its own where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<EndResult>,
    },
}

const fn ten() -> u32 {
    10
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_ten(n: &u32) -> bool {
    *n == 10
}

impl NodeKind {
    /// Whether something outside happens or something is counted, so that a way that comes back to it does not turn in place.
    pub(super) const fn goes_on(&self) -> bool {
        matches!(
            self,
            Self::PersonaTurn { .. }
                | Self::TargetCall {}
                | Self::Converse { .. }
                | Self::Task { .. }
                | Self::Tool { .. }
                | Self::Wait { .. }
                | Self::Loop { .. }
                | Self::Trigger { .. }
                | Self::WaitForPerson { .. }
                | Self::SubScenario { .. }
        )
    }

    /// The name of its type on the wire.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Start {} => "start",
            Self::Trigger { .. } => "trigger",
            Self::PersonaTurn { .. } => "persona_turn",
            Self::TargetCall {} => "target_call",
            Self::Converse { .. } => "converse",
            Self::Task { .. } => "task",
            Self::Evaluate { .. } => "evaluate",
            Self::Expectation { .. } => "expectation",
            Self::Condition {} => "condition",
            Self::ToolMock { .. } => "tool_mock",
            Self::Tool { .. } => "tool",
            Self::Code { .. } => "code",
            Self::Transform { .. } => "transform",
            Self::Wait { .. } => "wait",
            Self::Parallel {} => "parallel",
            Self::Join {} => "join",
            Self::Loop { .. } => "loop",
            Self::WaitForPerson { .. } => "wait_for_person",
            Self::SubScenario { .. } => "sub_scenario",
            Self::End { .. } => "end",
        }
    }

    /// The variable that it sets.
    #[must_use]
    pub fn output(&self) -> Option<&str> {
        match self {
            Self::Trigger { output, .. }
            | Self::Task { output, .. }
            | Self::Tool { output, .. }
            | Self::WaitForPerson { output, .. } => output.as_deref(),
            Self::Code { output, .. } | Self::Transform { output, .. } => Some(output),
            Self::Loop { item, .. } => item.as_deref(),
            _ => None,
        }
    }

    /// Metrics of its own.
    #[must_use]
    pub fn metrics(&self) -> &[MetricSpec] {
        match self {
            Self::Evaluate { metrics } => metrics,
            Self::Expectation { metric, .. } => std::slice::from_ref(metric),
            _ => &[],
        }
    }

    /// Checks its own fields.
    pub(super) fn check(&self, v: &mut Validator) {
        let output = match self {
            Self::Loop {
                item: Some(item), ..
            } => Some(("item", item.as_str())),
            kind => kind.output().map(|o| ("output", o)),
        };
        if let Some((field, name)) = output {
            check_variable(field, name, v);
        }
        match self {
            Self::PersonaTurn { say, instructions } => {
                if let Some(say) = say {
                    text("say", say, 20_000, v);
                }
                v.longest("instructions", instructions, 5_000);
            }
            Self::Converse {
                max_turns: Some(turns),
            } => v.range("max_turns", *turns, 1, 100),
            Self::Task { instruction, .. } => text("instruction", instruction, 20_000, v),
            Self::Evaluate { metrics } => {
                v.require(
                    metrics.len() <= 50,
                    "metrics",
                    "must have at most 50 entries",
                );
                v.each("metrics", metrics);
            }
            Self::Expectation { metric, .. } => {
                v.at("metric", |v| crate::Validate::check(metric, v));
            }
            Self::ToolMock { tool, .. } => text("tool", tool, 200, v),
            Self::Tool {
                url, headers, body, ..
            } => {
                text("url", url, 2_000, v);
                v.at("headers", |v| crate::headers::check_shown(v, headers, &[]));
                if let Some(body) = body {
                    v.longest("body", body, 100_000);
                }
            }
            Self::Code {
                expression,
                program_id,
                input,
                ..
            } => {
                v.require(
                    expression.is_some() || program_id.is_some(),
                    "expression",
                    "is required where there is no `program_id`",
                );
                v.require(
                    expression.is_none() || program_id.is_none(),
                    "program_id",
                    "cannot be there beside `expression`",
                );
                v.require(
                    input.is_none() || program_id.is_some(),
                    "input",
                    "is what a program reads; there is no `program_id`",
                );
                let texts = [
                    ("expression", expression, 4_096),
                    ("program_id", program_id, 64),
                    ("input", input, 4_096),
                ];
                for (field, value, max) in texts {
                    if let Some(value) = value {
                        text(field, value, max, v);
                    }
                }
            }
            Self::Transform { template, .. } => text("template", template, 100_000, v),
            Self::Wait { seconds } => v.range("seconds", *seconds, 0.0, 604_800.0),
            Self::Loop {
                times,
                r#while,
                each,
                ..
            } => {
                v.range("times", *times, 1, 1000);
                for (field, expression) in [("while", r#while), ("each", each)] {
                    if let Some(expression) = expression {
                        text(field, expression, 4_096, v);
                    }
                }
            }
            Self::WaitForPerson { question, .. } => text("question", question, 5_000, v),
            Self::SubScenario {
                scenario_id,
                inputs,
            } => {
                text("scenario_id", scenario_id, 64, v);
                v.require(inputs.len() <= 50, "inputs", "must have at most 50 entries");
                v.at("inputs", |v| {
                    for (name, template) in inputs {
                        check_variable(name, name, v);
                        v.longest(name, template, 20_000);
                    }
                });
            }
            Self::Trigger {
                on: Trigger::Cron(schedule),
                ..
            } => text("on", schedule, 200, v),
            Self::Start {}
            | Self::Trigger { .. }
            | Self::TargetCall {}
            | Self::Converse { .. }
            | Self::Condition {}
            | Self::Parallel {}
            | Self::Join {}
            | Self::End { .. } => {}
        }
    }
}

fn text(field: &str, text: &str, max: usize, v: &mut Validator) {
    let fits = !text.trim().is_empty() && text.chars().count() <= max;
    let message = format!("must have 1 to {max} characters, not all of them blank");
    v.require(fits, field, &message);
}

/// Checks that `name` may be a variable's.
pub(super) fn check_variable(field: &str, name: &str, v: &mut Validator) {
    let mut bytes = name.bytes();
    let first = bytes.next();
    let is_name = first.is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && name.len() <= 64
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
    v.require(
        is_name,
        field,
        "must be a name: 1 to 64 letters, digits and `_`, not a digit first",
    );
    v.require(
        !RESERVED_VARIABLES.contains(&name),
        field,
        "is a name that runs use themselves",
    );
}

/// When an edge out of a condition is taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// The agent's last answer contains this, in any case.
    AnswerContains(#[schemars(length(min = 1, max = 5000))] String),
    /// The agent's last answer contains one of these, in any case.
    AnswerContainsAny(
        #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 500)))] Vec<String>,
    ),
    /// The agent called this tool in its last answer.
    ToolCalled(#[schemars(length(min = 1, max = 200))] String),
    /// The user had at least so many turns.
    TurnsAtLeast(#[schemars(range(min = 1, max = 1000))] u32),
    /// A metric of the last evaluation scored below.
    ScoreBelow {
        /// The metric's name.
        #[schemars(length(min = 1, max = 200))]
        metric: String,
        /// The bound.
        #[schemars(range(min = 0, max = 1))]
        value: f64,
    },
    /// The agent's last answer sounds so, says the judge.
    Sentiment(Sentiment),
    /// The judge says that this is so of the conversation, e.g. `The agent has refused to help.`
    Judge(#[schemars(length(min = 1, max = 5000), regex(pattern = NOT_BLANK))] String),
    /// This expression in CEL is true.
    Expression(#[schemars(length(min = 1, max = 4096), regex(pattern = NOT_BLANK))] String),
    /// Out of a loop: it goes on.
    Again {},
}

/// How an answer sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sentiment {
    /// Friendly, glad.
    Positive,
    /// Neither.
    Neutral,
    /// Cross, sad.
    Negative,
}

impl When {
    /// Whether a judge must say.
    #[must_use]
    pub const fn needs_judge(&self) -> bool {
        matches!(self, Self::Sentiment(_) | Self::Judge(_))
    }

    /// Whether its own fields are within bounds.
    pub(super) fn is_sound(&self) -> bool {
        let fits = |text: &str, max: usize| (1..=max).contains(&text.chars().count());
        let said = |text: &str, max: usize| fits(text, max) && !text.trim().is_empty();
        match self {
            Self::AnswerContains(text) => fits(text, 5_000),
            Self::AnswerContainsAny(texts) => {
                (1..=100).contains(&texts.len()) && texts.iter().all(|t| fits(t, 500))
            }
            Self::ToolCalled(tool) => fits(tool, 200),
            Self::TurnsAtLeast(turns) => (1..=1000).contains(turns),
            Self::ScoreBelow { metric, value } => fits(metric, 200) && (0.0..=1.0).contains(value),
            Self::Judge(text) => said(text, 5_000),
            Self::Expression(text) => said(text, 4_096),
            Self::Sentiment(_) | Self::Again {} => true,
        }
    }
}
