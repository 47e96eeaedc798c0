//! What each node of the source becomes.

use super::Notes;
use super::maker::{Maker, rest};
use super::source::{Item, Kind, text_of};
use super::words::Holds;
use crate::check::check_cron;
use assay_model::{Edge, EndResult, Method, Node, NodeKind, ScenarioGraph, Trigger, Validate};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Bounds of texts, in bytes.
const MAX_WORDS: usize = 20_000;
const MAX_INSTRUCTIONS: usize = 5_000;
const MAX_URL: usize = 2_000;
const MAX_BODY: usize = 100_000;
/// The longest wait, in seconds.
const MAX_WAIT: f64 = 604_800.0;
/// How long the source waits where nothing is said.
const WAIT: f64 = 5.0;

/// The fields in which a node names the variable that it sets.
pub(super) const OUTPUT: [&str; 4] = [
    "output_variable",
    "outputVar",
    "outputVariable",
    "output_var",
];
/// The fields that say what a task is.
pub(super) const WORDS: [&str; 5] = ["instruction", "prompt", "content", "message", "description"];

/// The nodes that one of the source becomes, and how long the agent has to answer.
type Made = (Vec<NodeKind>, Option<u64>);

fn one(kind: NodeKind) -> Made {
    (vec![kind], None)
}

impl Maker {
    pub(super) fn made(
        &mut self,
        index: usize,
        mut item: Item,
        leads: bool,
        notes: &mut Notes,
    ) -> Made {
        let mut says = Vec::new();
        let made = match item.kind {
            Kind::Start => {
                self.situation = item.data.text(&["description"]);
                one(NodeKind::Start {})
            }
            Kind::End => one(ending(&mut item, &mut says)),
            Kind::Persona => self.persona(index, &mut says),
            Kind::Task => self.task(index, &mut item, &mut says),
            // What it is is told where its edges are.
            Kind::Condition => return one(NodeKind::Condition {}),
            Kind::Wait => one(wait(&mut item, &mut says)),
            Kind::Expectation => self.expectation(index, &mut says),
            Kind::Trigger => self.trigger(&mut item, leads, &mut says),
            Kind::Code | Kind::Transform => match self.computed.get(&index) {
                Some(Ok(kind)) => one(kind.clone()),
                Some(Err(why)) => {
                    says.push(format!("is left out: {why}"));
                    Made::default()
                }
                None => Made::default(),
            },
            Kind::Tool => self.tool(&mut item, &mut says),
            Kind::Unknown => {
                says.push("is left out: its kind is not known".to_owned());
                Made::default()
            }
        };
        notes.all(&item, says);
        rest(&mut item, notes);
        made
    }

    fn persona(&mut self, index: usize, says: &mut Vec<String>) -> Made {
        if let Some(task) = self.cast.speaks_for.get(&index) {
            let item = self.source.items.get(*task).cloned();
            let instructions = item
                .map(|mut item| words(&mut item, &mut Vec::new()))
                .unwrap_or_default();
            let aside = self.cast.aside(*task, &mut Vec::new());
            let text =
                self.names
                    .template(&format!("{aside}{instructions}"), MAX_INSTRUCTIONS, says);
            return one(NodeKind::PersonaTurn {
                say: None,
                instructions: text,
            });
        }
        if self.cast.has_tasks(index, &self.source) {
            says.push("is no node of its own: it speaks in the tasks that follow".to_owned());
            return Made::default();
        }
        says.push("no task follows: it speaks once, and the agent answers".to_owned());
        let instructions = self.cast.own_aside(index);
        let turn = NodeKind::PersonaTurn {
            say: None,
            instructions: self.names.template(&instructions, MAX_INSTRUCTIONS, says),
        };
        (vec![turn, NodeKind::TargetCall {}], None)
    }

    fn task(&mut self, index: usize, item: &mut Item, says: &mut Vec<String>) -> Made {
        let text = words(item, says);
        let output = item.data.text(&OUTPUT);
        let output = output.map(|name| self.names.set(&name, Holds::Text, ""));
        let timeout = item
            .data
            .number(&["timeout", "timeout_seconds"])
            .map(|seconds| {
                let ms = (seconds * 1000.0).clamp(100.0, 600_000.0);
                if (ms - seconds * 1000.0).abs() > 0.5 {
                    says.push(format!(
                        "its timeout of {seconds} s is out of bounds: it is {} s",
                        ms / 1000.0
                    ));
                }
                ms as u64
            });
        if !self.cast.speaks_at(index) {
            let instruction = self.names.template(&text, MAX_WORDS, says);
            return (
                vec![NodeKind::Task {
                    instruction,
                    output,
                }],
                timeout,
            );
        }
        says.push(
            "the persona says it in its own words; the program it comes from sent it to the agent word for word".to_owned(),
        );
        let aside = self.cast.aside(index, says);
        let instructions = self
            .names
            .template(&format!("{aside}{text}"), MAX_INSTRUCTIONS, says);
        let mut does = Vec::new();
        if !self.cast.speaks_for.values().any(|task| *task == index) {
            does.push(NodeKind::PersonaTurn {
                say: None,
                instructions,
            });
        }
        does.push(NodeKind::TargetCall {});
        does.extend(output.map(|output| NodeKind::Code {
            expression: Some("answer".to_owned()),
            program_id: None,
            input: None,
            output,
        }));
        (does, timeout)
    }

    fn expectation(&mut self, index: usize, says: &mut Vec<String>) -> Made {
        let (metrics, severity) = self.expected.get(&index).cloned().unwrap_or_default();
        if metrics.is_empty() {
            says.push("is left out: it expects nothing that could be checked".to_owned());
        }
        let all = metrics
            .into_iter()
            .map(|metric| NodeKind::Expectation { metric, severity });
        (all.collect(), None)
    }

    fn trigger(&mut self, item: &mut Item, leads: bool, says: &mut Vec<String>) -> Made {
        let kind = item
            .data
            .text(&["triggerType", "trigger_type"])
            .map(|kind| kind.trim().to_lowercase());
        let cron = item
            .data
            .text(&["cronExpression", "cron_expression", "cron", "schedule"]);
        if let Some(slug) = item.data.text(&["webhookSlug", "webhook_slug"]) {
            says.push(format!(
                "its address `{slug}` is left out: a run has an address of its own here"
            ));
        }
        let first = leads
            || self.start.is_some_and(|start| {
                self.source
                    .items
                    .get(start)
                    .is_some_and(|i| i.id == item.id)
            });
        let on = match (kind.as_deref(), cron) {
            (Some("webhook"), _) => Trigger::Webhook {},
            (Some("schedule" | "cron"), Some(cron)) | (None, Some(cron)) => match check_cron(&cron)
            {
                Ok(()) if cron.len() <= 200 => Trigger::Cron(cron),
                Ok(()) => manual("its schedule is too long", says),
                Err(why) => manual(&format!("its schedule `{cron}` {why}"), says),
            },
            (Some("schedule" | "cron"), None) => manual("it has no schedule", says),
            (None, None) if !first => {
                says.push("is left out: it does not say what it waits for".to_owned());
                return Made::default();
            }
            (Some("manual") | None, _) => Trigger::Manual {},
            (Some(other), _) => manual(&format!("its kind `{other}` is not known"), says),
        };
        if !first {
            says.push(
                "the scenario waits here; the program it comes from went on at once".to_owned(),
            );
        }
        let output = item.data.text(&OUTPUT);
        let output = output.map(|name| self.names.set(&name, Holds::Anything, ""));
        one(NodeKind::Trigger { on, output })
    }

    fn tool(&mut self, item: &mut Item, says: &mut Vec<String>) -> Made {
        let url = item
            .data
            .text(&["endpointUrl", "endpoint_url", "endpoint", "url"]);
        let named = item.data.text(&["method", "httpMethod"]);
        let told = match &url {
            Some(_) => String::new(),
            None => item.data.text(&["instruction"]).unwrap_or_default(),
        };
        let mut told = told.split_whitespace();
        // Some say it as a request begins: `GET https://example.com/orders`.
        let (method, url) = match (url, told.next(), told.next(), told.next()) {
            (Some(url), ..) => (named, url),
            (None, Some(method), Some(url), None) if url.starts_with("http") => {
                (named.or_else(|| Some(method.to_owned())), url.to_owned())
            }
            _ => {
                says.push(
                    "is left out: it has no address; a `tool_mock` can answer in its place"
                        .to_owned(),
                );
                return Made::default();
            }
        };
        let method = match method
            .as_deref()
            .map(str::trim)
            .map(str::to_uppercase)
            .as_deref()
        {
            None | Some("GET") => Method::Get,
            Some("POST") => Method::Post,
            Some("PUT") => Method::Put,
            Some("PATCH") => Method::Patch,
            Some("DELETE") => Method::Delete,
            Some(other) => {
                says.push(format!(
                    "its method `{other}` is not known: it is `POST`, as there"
                ));
                Method::Post
            }
        };
        let headers = self.headers(item, says);
        let body = item
            .data
            .get(&["bodyTemplate", "body_template", "body"])
            .map(|body| match body {
                Value::String(text) => text,
                other => other.to_string(),
            });
        let body = body.filter(|_| {
            if method == Method::Get {
                says.push(
                    "its body is left out: `GET` has none, and none was sent there".to_owned(),
                );
            }
            method != Method::Get
        });
        let body = body.map(|body| self.names.template(&body, MAX_BODY, says));
        let output = item.data.text(&OUTPUT);
        let output = output.map(|name| self.names.set(&name, Holds::Anything, ".body"));
        one(NodeKind::Tool {
            method,
            url: self.names.template(url.trim(), MAX_URL, says),
            headers,
            body,
            output,
            // A request that fails did not end the run there.
            any_status: true,
        })
    }

    fn headers(&mut self, item: &mut Item, says: &mut Vec<String>) -> BTreeMap<String, String> {
        let found = match item.data.get(&["headers"]) {
            Some(Value::Object(map)) => map,
            Some(Value::String(text)) => serde_json::from_str::<Map<String, Value>>(&text)
                .unwrap_or_else(|_| {
                    says.push("its headers are left out: they are no JSON object".to_owned());
                    Map::new()
                }),
            _ => Map::new(),
        };
        let mut headers = BTreeMap::new();
        for (name, value) in found {
            let value = text_of(&value).unwrap_or_else(|| value.to_string());
            let text = self.names.template(&value, MAX_URL, says);
            let kind = NodeKind::Tool {
                method: Method::Get,
                url: "http://localhost".to_owned(),
                headers: BTreeMap::from([(name.clone(), text.clone())]),
                body: None,
                output: None,
                any_status: true,
            };
            if headers.len() < 50 && is_allowed(kind) {
                headers.insert(name, text);
            } else if !(name.eq_ignore_ascii_case("content-type")
                && value.starts_with("application/json"))
            {
                says.push(format!(
                    "its header `{name}` is left out: a request may not have it here"
                ));
            }
        }
        headers
    }
}

/// Whether a node is valid by itself.
fn is_allowed(does: NodeKind) -> bool {
    let node = |id: &str, does| Node {
        id: id.to_owned(),
        does,
        label: String::new(),
        timeout_ms: None,
        max_attempts: None,
        position: None,
    };
    let graph = ScenarioGraph {
        start: "a".to_owned(),
        nodes: vec![node("a", does), node("b", NodeKind::End { result: None })],
        edges: vec![Edge {
            from: "a".to_owned(),
            to: "b".to_owned(),
            when: None,
        }],
        variables: BTreeMap::new(),
        max_steps: 100,
    };
    graph.validate().is_ok()
}

/// What a task says.
fn words(item: &mut Item, says: &mut Vec<String>) -> String {
    if let Some(text) = item.data.text(&WORDS) {
        return text.trim().to_owned();
    }
    let text = if item.label.is_empty() {
        item.id.clone()
    } else {
        item.label.clone()
    };
    says.push(format!("it has no instruction: `{text}` is what is said"));
    text
}

fn manual(why: &str, says: &mut Vec<String>) -> Trigger {
    says.push(format!("{why}: a person starts it"));
    Trigger::Manual {}
}

fn wait(item: &mut Item, says: &mut Vec<String>) -> NodeKind {
    let action = item
        .data
        .text(&["timeoutAction"])
        .filter(|action| action != "continue");
    if let Some(action) = action {
        says.push(format!(
            "what it does in the end, `{action}`, is left out: it goes on"
        ));
    }
    let said = item.data.number(&["duration", "seconds", "delay"]);
    let seconds = said.unwrap_or(WAIT).clamp(0.0, MAX_WAIT);
    match said {
        None => says.push(format!(
            "it does not say how long: it is {WAIT} s, as there"
        )),
        Some(said) if (said - seconds).abs() > 0.0 => {
            says.push(format!(
                "its {said} s are out of bounds: they are {seconds} s"
            ));
        }
        Some(_) => {}
    }
    NodeKind::Wait { seconds }
}

/// An end; its result is what its template says of it, if it says so in so many words.
fn ending(item: &mut Item, says: &mut Vec<String>) -> NodeKind {
    let template = item.data.text(&["outputTemplate", "output_template"]);
    let Some(template) = template else {
        return NodeKind::End { result: None };
    };
    let plain: String = template.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.to_lowercase();
    let has = |word: &str| {
        ["result", "status"]
            .iter()
            .any(|key| plain.contains(&format!("\"{key}\":\"{word}\"")))
    };
    let result = if ["fail", "failed", "failure"].iter().any(|word| has(word)) {
        Some(EndResult::Failed)
    } else if ["pass", "passed", "success"].iter().any(|word| has(word)) {
        Some(EndResult::Passed)
    } else {
        None
    };
    let taken = match result {
        Some(EndResult::Passed) => ", but it says that to end here is a pass",
        Some(EndResult::Failed) => ", but it says that to end here is a failure",
        None => "",
    };
    says.push(format!(
        "its output is left out: a run has no text as its result{taken}"
    ));
    NodeKind::End { result }
}
