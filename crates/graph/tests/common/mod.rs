//! Graphs of the recorded oracles: a small language of JSON expressions, run by the engine.

use assay_graph::pregel::{
    Branch, ChannelSpec, Executor, Fault, Goto, Graph, Name, Node, Outcome, Questions, Reducer,
    RetryPolicy, Send, Task, TaskWrite, Written,
};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A graph of the oracles.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Spec {
    state: IndexMap<String, FieldSpec>,
    pub(crate) nodes: IndexMap<String, Value>,
    edges: Vec<(Value, String)>,
    #[serde(default)]
    conditional: Vec<Conditional>,
    #[serde(default)]
    pub(crate) interrupt_before: BTreeSet<Name>,
    #[serde(default)]
    pub(crate) interrupt_after: BTreeSet<Name>,
}

#[derive(Debug, Clone, Deserialize)]
struct FieldSpec {
    #[serde(rename = "type")]
    kind: String,
    reducer: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Conditional {
    from: String,
    router: Value,
    #[serde(default)]
    targets: Vec<String>,
}

fn name(text: &str) -> &str {
    match text {
        "START" => assay_graph::pregel::START,
        "END" => assay_graph::pregel::END,
        other => other,
    }
}

impl Spec {
    pub(crate) fn graph(&self) -> Graph {
        let mut builder = Graph::builder();
        for (field, spec) in &self.state {
            let initial = match spec.kind.as_str() {
                "int" => json!(0),
                "float" => json!(0.0),
                "str" => json!(""),
                "list" => json!([]),
                "dict" => json!({}),
                "bool" => json!(false),
                other => panic!("type {other}"),
            };
            let reducer = match spec.reducer.as_deref() {
                None => {
                    builder = builder.field(field, ChannelSpec::LastValue);
                    continue;
                }
                Some("add_int" | "add") => Reducer::Add,
                Some("concat") => Reducer::Concat,
                Some("max") => Reducer::Max,
                Some("min") => Reducer::Min,
                Some("union") => Reducer::Union,
                Some("merge") => Reducer::Merge,
                Some(other) => panic!("reducer {other}"),
            };
            builder = builder.reduced(field, reducer, Some(initial));
        }
        for (node, spec) in &self.nodes {
            let retry = spec.get("retry").map(|retry| RetryPolicy {
                max_attempts: retry["max_attempts"].as_u64().unwrap_or(3) as u32,
                ..RetryPolicy::default()
            });
            let mut of = Node::default();
            of.retry = retry;
            of.defer = spec["defer"] == json!(true);
            builder = builder.node(node, of);
            let destinations = spec["destinations"].as_array().into_iter().flatten();
            builder = builder.destinations(node, destinations.filter_map(Value::as_str).map(name));
        }
        for (from, to) in &self.edges {
            builder = match from {
                Value::String(from) => builder.edge(name(from), name(to)),
                Value::Array(from) => {
                    builder.join(from.iter().filter_map(Value::as_str).map(name), name(to))
                }
                other => panic!("edge from {other}"),
            };
        }
        for conditional in &self.conditional {
            let router = conditional.router.clone();
            let targets = conditional.targets.iter().map(|t| name(t).into()).collect();
            let branch = Branch {
                router: Arc::new(move |state: &BTreeMap<Name, Arc<Value>>| {
                    let state = state
                        .iter()
                        .map(|(k, v)| (k.to_string(), v.as_ref().clone()));
                    let state = Value::Object(state.collect());
                    let to = eval(&router, &state, &mut Questions::default());
                    Ok(gotos(to.expect("a router asks nothing")))
                }),
                targets,
            };
            builder = builder.branch(name(&conditional.from), branch);
        }
        builder.build().expect("a graph of the oracles")
    }
}

fn gotos(value: Value) -> Vec<Goto> {
    match value {
        Value::Array(all) => all.into_iter().flat_map(gotos).collect(),
        Value::String(node) => vec![Goto::Node(name(&node).into())],
        Value::Object(send) if send.contains_key("$send") => vec![Goto::Send(Send {
            node: send["$send"].as_str().expect("a node").into(),
            arg: send["arg"].clone(),
        })],
        Value::Null => Vec::new(),
        other => panic!("nowhere: {other}"),
    }
}

/// What an expression comes to; an error is a question that nobody has answered.
fn eval(expr: &Value, state: &Value, questions: &mut Questions) -> Result<Value, Value> {
    let Value::Object(map) = expr else {
        return Ok(match expr {
            Value::Array(items) => {
                let all: Result<_, _> = items.iter().map(|i| eval(i, state, questions)).collect();
                Value::Array(all?)
            }
            other => other.clone(),
        });
    };
    let Some((operator, of)) = map.iter().next() else {
        return Ok(json!({}));
    };
    let args = |questions: &mut Questions| -> Result<Vec<Value>, Value> {
        let list = of.as_array().cloned().unwrap_or_else(|| vec![of.clone()]);
        list.iter().map(|e| eval(e, state, questions)).collect()
    };
    Ok(match operator.as_str() {
        "const" => of.clone(),
        "state" => state
            .get(of.as_str().unwrap_or_default())
            .cloned()
            .unwrap_or_default(),
        "add" | "concat" => {
            let mut all = args(questions)?.into_iter();
            let first = all.next().unwrap_or_default();
            all.fold(first, plus)
        }
        "mul" => {
            let product: i64 = args(questions)?.iter().filter_map(Value::as_i64).product();
            json!(product)
        }
        "len" => {
            let value = eval(of, state, questions)?;
            json!(value.as_array().map_or(0, Vec::len))
        }
        "list" => Value::Array(args(questions)?),
        "dict" => {
            let mut all = Map::new();
            for (key, value) in of.as_object().into_iter().flatten() {
                all.insert(key.clone(), eval(value, state, questions)?);
            }
            Value::Object(all)
        }
        "interrupt" => {
            let question = eval(of, state, questions)?;
            questions.answer().ok_or(question)?
        }
        "lt" | "ge" => {
            let all = args(questions)?;
            let (a, b) = (
                all[0].as_f64().unwrap_or(0.0),
                all[1].as_f64().unwrap_or(0.0),
            );
            json!(if operator == "lt" { a < b } else { a >= b })
        }
        "eq" => {
            let all = args(questions)?;
            json!(all[0] == all[1])
        }
        "if" => {
            let parts = of.as_array().expect("three parts");
            let holds = eval(&parts[0], state, questions)? == json!(true);
            eval(&parts[if holds { 1 } else { 2 }], state, questions)?
        }
        "send" => {
            let (node, arg) = match of {
                Value::Array(parts) => (parts[0].clone(), parts[1].clone()),
                other => (other["node"].clone(), other["arg"].clone()),
            };
            json!({"$send": node, "arg": eval(&arg, state, questions)?})
        }
        "map_send" => {
            let over = eval(&of["over"], state, questions)?;
            let field = of["as"].as_str().expect("a field");
            let sends = over.as_array().into_iter().flatten();
            let sends = sends.map(|item| json!({"$send": of["node"], "arg": {field: item}}));
            Value::Array(sends.collect())
        }
        other => panic!("expression {other}"),
    })
}

fn plus(a: Value, b: Value) -> Value {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Value::String(a + &b),
        (Value::Array(mut a), Value::Array(b)) => {
            a.extend(b);
            Value::Array(a)
        }
        (a, b) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => json!(a + b),
            _ => json!(a.as_f64().unwrap_or(0.0) + b.as_f64().unwrap_or(0.0)),
        },
    }
}

/// Runs the nodes of a graph of the oracles, and counts.
pub(crate) struct Runner<'s> {
    spec: &'s Spec,
    pub(crate) calls: BTreeMap<String, u64>,
    attempts: BTreeMap<Name, u64>,
    pub(crate) updates: Vec<Value>,
}

impl<'s> Runner<'s> {
    pub(crate) fn of(spec: &'s Spec) -> Self {
        Self {
            spec,
            calls: BTreeMap::new(),
            attempts: BTreeMap::new(),
            updates: Vec::new(),
        }
    }
}

fn boom(message: String) -> Outcome {
    Outcome::Failed(Fault {
        kind: "Boom".into(),
        message,
        retryable: true,
        ..Fault::default()
    })
}

fn updates(value: Value) -> Vec<(Name, Written)> {
    let Value::Object(map) = value else {
        return Vec::new();
    };
    map.into_iter()
        .map(|(k, v)| (Name::from(k.as_str()), v.into()))
        .collect()
}

impl Executor for Runner<'_> {
    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        let spec = &self.spec.nodes[task.name.as_ref()];
        *self.calls.entry(task.name.to_string()).or_default() += 1;
        let attempt = self.attempts.entry(task.id.clone()).or_default();
        *attempt += 1;
        let state = task.input.to_value();
        if spec["fail_first"].as_u64().is_some_and(|n| *attempt <= n) {
            return boom(format!("{} failed attempt {attempt}", task.name));
        }
        if let Some(condition) = spec.get("fail_if")
            && eval(condition, &state, questions) == Ok(json!(true))
        {
            return boom(format!("{} failed", task.name));
        }
        let mut run = || -> Result<Outcome, Value> {
            let mut goto = Vec::new();
            let mut update = Value::Null;
            if let Some(command) = spec.get("command") {
                if let Some(fields) = command.get("update") {
                    update = eval(&json!({ "dict": fields }), &state, questions)?;
                }
                if let Some(to) = command.get("goto") {
                    goto = gotos(eval(to, &state, questions)?);
                }
            } else if let Some(fields) = spec.get("return") {
                update = eval(&json!({ "dict": fields }), &state, questions)?;
            }
            Ok(Outcome::Done {
                update: updates(update),
                goto,
            })
        };
        run().unwrap_or_else(Outcome::Asks)
    }

    fn ended(&mut self, task: &Task, writes: &[TaskWrite], stored: bool) {
        if task.name.as_ref() == assay_graph::pregel::START {
            return;
        }
        let mut fields = Map::new();
        for write in writes {
            if let TaskWrite::Channel(field, Written::Value(value)) = write
                && !field.contains(':')
            {
                fields.insert(field.to_string(), value.as_ref().clone());
            }
        }
        let fields = if fields.is_empty() {
            Value::Null
        } else {
            Value::Object(fields)
        };
        let mut update = json!({ task.name.as_ref(): fields });
        if stored {
            update["__metadata__"] = json!({"cached": true});
        }
        self.updates.push(update);
    }
}
