//! The source as it is: its nodes, its edges, and what is written in them under one of several names.

use super::{Notes, ids::Ids};
use assay_model::{FieldError, Position, Validator};
use serde_json::{Map, Value};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Most nodes and edges that are read; a graph of ours has no more either.
const MAX_NODES: usize = 200;
const MAX_EDGES: usize = 1000;

/// Keys of React Flow, and of how the editor draws: they say nothing of what a node does.
const DRAWN: [&str; 22] = [
    "bg",
    "category",
    "color",
    "data",
    "dragging",
    "height",
    "icon",
    "id",
    "key",
    "label",
    "measured",
    "name",
    "parentId",
    "position",
    "positionAbsolute",
    "selected",
    "sourcePosition",
    "style",
    "targetPosition",
    "type",
    "width",
    "zIndex",
];
/// Objects within `data` in which its fields may stand as well.
const NESTED: [&str; 3] = ["config", "data", "params"];

/// What a node of the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    Persona,
    Task,
    Condition,
    Wait,
    Expectation,
    Trigger,
    Code,
    Transform,
    Tool,
    Unknown,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Some(match name.strip_suffix("node").unwrap_or(&name) {
            "start" | "input" => Self::Start,
            "end" | "output" => Self::End,
            "persona" => Self::Persona,
            "task" => Self::Task,
            "condition" => Self::Condition,
            "wait" => Self::Wait,
            "expectation" => Self::Expectation,
            "trigger" => Self::Trigger,
            "code" => Self::Code,
            "transform" => Self::Transform,
            "tool" => Self::Tool,
            _ => return None,
        })
    }
}

/// A node of the source.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Where it stands, as a JSON pointer.
    pub(super) at: String,
    /// Its id here.
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) label: String,
    pub(super) position: Option<Position>,
    pub(super) data: Data,
}

/// An edge of the source, by the indices of its nodes.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) at: String,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Out of which side of a condition.
    pub(super) handle: Option<String>,
    pub(super) label: Option<String>,
}

/// The source.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) root: Data,
    pub(super) items: Vec<Item>,
    pub(super) links: Vec<Link>,
}

/// Fields, and which of them were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    places: Vec<Map<String, Value>>,
    seen: BTreeSet<String>,
}

/// Text, or a number as text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a field says anything.
fn is_said(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

impl Data {
    fn of(node: &Map<String, Value>) -> Self {
        let mut found = Self::default();
        match node.get("data").and_then(Value::as_object) {
            Some(data) => found.add(data, &NESTED),
            None => {
                let own = node
                    .iter()
                    .filter(|(key, _)| !DRAWN.contains(&key.as_str()));
                found.add(&own.map(|(k, v)| (k.clone(), v.clone())).collect(), &NESTED);
            }
        }
        if let Some(config) = node.get("config").and_then(Value::as_object) {
            found.add(config, &[]);
        }
        found
    }

    fn add(&mut self, map: &Map<String, Value>, nested: &[&str]) {
        self.places.push(map.clone());
        for key in nested {
            if let Some(inner) = map.get(*key).and_then(Value::as_object) {
                self.seen.insert((*key).to_owned());
                self.places.push(inner.clone());
            }
        }
    }

    /// The first of these fields that says anything. Those after it count as not read.
    pub(super) fn get(&mut self, names: &[&str]) -> Option<Value> {
        for name in names {
            self.seen.insert((*name).to_owned());
            let mut said = self.places.iter().filter_map(|place| place.get(*name));
            if let Some(value) = said.find(|value| is_said(value)) {
                return Some(value.clone());
            }
        }
        None
    }

    /// These fields need no word: they say nothing that is not found out otherwise.
    pub(super) fn pass(&mut self, names: &[&str]) {
        self.seen
            .extend(names.iter().map(|name| (*name).to_owned()));
    }

    pub(super) fn text(&mut self, names: &[&str]) -> Option<String> {
        self.get(names).as_ref().and_then(text_of)
    }

    pub(super) fn number(&mut self, names: &[&str]) -> Option<f64> {
        match self.get(names)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().trim_end_matches('s').parse().ok(),
            _ => None,
        }
        .filter(|number| number.is_finite())
    }

    /// Names in a list, or in a text with commas.
    pub(super) fn names(&mut self, names: &[&str]) -> Vec<String> {
        let all: Vec<String> = match self.get(names) {
            Some(Value::Array(items)) => items.iter().filter_map(text_of).collect(),
            Some(Value::String(text)) => text.split(',').map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let all = all.into_iter().map(|name| name.trim().to_owned());
        all.filter(|name| !name.is_empty()).collect()
    }

    /// Fields that say something and that nobody has read.
    pub(super) fn rest(&self) -> Vec<String> {
        let all = self.places.iter().flatten();
        let rest = all.filter(|(key, value)| {
            is_said(value) && !self.seen.contains(*key) && !DRAWN.contains(&key.as_str())
        });
        rest.map(|(key, _)| key.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

impl Source {
    /// Reads a source.
    ///
    /// # Errors
    /// Every field that is wrong, when it is no such graph.
    pub(super) fn read(
        value: &Value,
        ids: &mut Ids,
        notes: &mut Notes,
    ) -> Result<Self, Vec<FieldError>> {
        let mut v = Validator::default();
        let Some(outer) = value.as_object() else {
            v.error("", "must be an object with `nodes` and `edges`");
            return v.finish().map(|()| Self::empty());
        };
        let mut root = Data::default();
        root.add(outer, &["meta_data", "metadata"]);
        let (mut prefix, mut map) = (String::new(), outer);
        // The API answers with what it wraps, and the program's exports may be put into another object.
        for wrapper in ["data", "scenario", "graph"] {
            if let (None, Some(inner)) = (
                map.get("nodes"),
                map.get(wrapper).and_then(Value::as_object),
            ) {
                prefix.push('/');
                prefix.push_str(wrapper);
                root.seen.insert(wrapper.to_owned());
                root.add(inner, &["meta_data", "metadata"]);
                map = inner;
            }
        }
        let nodes = list(map, &prefix, "nodes", MAX_NODES, &mut v);
        let edges = list(map, &prefix, "edges", MAX_EDGES, &mut v);
        root.pass(&["nodes", "edges", "id"]);
        let mut source = Self {
            root,
            ..Self::empty()
        };
        let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
        for (i, node) in nodes.iter().enumerate() {
            let at = format!("{prefix}/nodes/{i}");
            source.node(node, &at, &mut by_key, ids, notes, &mut v);
        }
        for (i, edge) in edges.iter().enumerate() {
            let at = format!("{prefix}/edges/{i}");
            source.edge(edge, &at, &by_key, notes, &mut v);
        }
        v.finish().map(|()| source)
    }

    fn empty() -> Self {
        Self {
            root: Data::default(),
            items: Vec::new(),
            links: Vec::new(),
        }
    }

    fn node(
        &mut self,
        node: &Value,
        at: &str,
        by_key: &mut BTreeMap<String, usize>,
        ids: &mut Ids,
        notes: &mut Notes,
        v: &mut Validator,
    ) {
        let Some(node) = node.as_object() else {
            return wrong(v, at, "must be an object");
        };
        let key = ["id", "key"]
            .iter()
            .find_map(|name| node.get(*name).and_then(text_of));
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return wrong(v, &format!("{at}/id"), "must be a text that is not empty");
        };
        if node
            .get("data")
            .is_some_and(|d| !d.is_object() && !d.is_null())
        {
            return wrong(v, &format!("{at}/data"), "must be an object");
        }
        let id = ids.of(&key);
        if id != key {
            notes.add(at, Some(&id), format!("its id `{key}` is `{id}` here"));
        }
        match by_key.entry(key) {
            Entry::Vacant(free) => {
                free.insert(self.items.len());
            }
            Entry::Occupied(_) => {
                let message = "its id is there twice: edges that name it lead to the first node";
                notes.add(at, Some(&id), message);
            }
        }
        let mut data = Data::of(node);
        let named = [
            data.text(&["category"]),
            data.text(&["type"]),
            node.get("type").and_then(text_of),
        ];
        let kind = named.iter().flatten().find_map(|name| Kind::named(name));
        let kind = kind.unwrap_or_else(|| {
            if data.text(&["instruction", "prompt", "content"]).is_none() {
                return Kind::Unknown;
            }
            let message = "its kind is not known: it is read as a task, since it has words to say";
            notes.add(at, Some(&id), message);
            Kind::Task
        });
        let labelled = node.get("label").and_then(text_of);
        let label = data.text(&["label"]).or(labelled).unwrap_or_default();
        self.items.push(Item {
            at: at.to_owned(),
            id,
            kind,
            label: label.trim().to_owned(),
            position: position(node),
            data,
        });
    }

    fn edge(
        &mut self,
        edge: &Value,
        at: &str,
        by_key: &BTreeMap<String, usize>,
        notes: &mut Notes,
        v: &mut Validator,
    ) {
        let Some(edge) = edge.as_object() else {
            return wrong(v, at, "must be an object");
        };
        let mut ends = [("source", "from"), ("target", "to")]
            .into_iter()
            .map(|(name, other)| {
                let id = [name, other]
                    .iter()
                    .find_map(|name| edge.get(*name).and_then(text_of));
                if id.is_none() {
                    wrong(v, &format!("{at}/{name}"), "must be the id of a node");
                }
                id
            });
        let (Some(Some(from)), Some(Some(to))) = (ends.next(), ends.next()) else {
            return;
        };
        let find = |id: &str| by_key.get(id).copied();
        let (Some(from), Some(to)) = (find(&from), find(&to)) else {
            let none = if find(&from).is_none() { from } else { to };
            return notes.add(
                at,
                None,
                format!("names the node `{none}`, which is not there: it is left out"),
            );
        };
        let inner = edge.get("data").and_then(Value::as_object);
        let said = |name: &str| {
            let found = edge.get(name).or_else(|| inner?.get(name))?;
            match found {
                Value::Bool(side) => Some(side.to_string()),
                other => text_of(other),
            }
        };
        let first = |names: &[&str]| {
            let mut texts = names.iter().filter_map(|name| said(name));
            texts.find(|text| !text.trim().is_empty())
        };
        self.links.push(Link {
            at: at.to_owned(),
            from,
            to,
            handle: first(&["sourceHandle", "source_handle"]),
            label: first(&["label", "condition"]),
        });
    }

    /// The edges out of a node, by index.
    pub(super) fn out(&self, item: usize) -> impl Iterator<Item = (usize, &Link)> {
        self.links
            .iter()
            .enumerate()
            .filter(move |(_, link)| link.from == item)
    }

    /// How many edges lead to a node.
    pub(super) fn incoming(&self, item: usize) -> usize {
        self.links.iter().filter(|link| link.to == item).count()
    }
}

/// A wrong field, whose pointer is known as a whole.
fn wrong(v: &mut Validator, at: &str, message: &str) {
    v.pointers(vec![FieldError {
        field: at.to_owned(),
        message: message.to_owned(),
    }]);
}

/// A list, which some exports hold as JSON within a text.
fn list(
    map: &Map<String, Value>,
    prefix: &str,
    name: &str,
    most: usize,
    v: &mut Validator,
) -> Vec<Value> {
    let at = format!("{prefix}/{name}");
    let found = match map.get(name) {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    match found {
        Value::Array(items) if items.len() > most => {
            wrong(v, &at, &format!("must have at most {most} entries"));
            Vec::new()
        }
        Value::Array(items) => items,
        _ => {
            wrong(v, &at, "must be a list");
            Vec::new()
        }
    }
}

fn position(node: &Map<String, Value>) -> Option<Position> {
    let places = ["position", "positionAbsolute"];
    let mut objects = places
        .iter()
        .filter_map(|name| node.get(*name)?.as_object());
    objects.find_map(|at| {
        let (x, y) = (at.get("x")?.as_f64()?, at.get("y")?.as_f64()?);
        (x.is_finite() && y.is_finite()).then_some(Position { x, y })
    })
}
