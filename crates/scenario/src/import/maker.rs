//! Makes a draft of a source: its variables and metrics first, since texts name them, then its nodes, then its edges.

use super::cast::Cast;
use super::code::{self, Computed};
use super::fork::{self, Fork};
use super::ids::{Ids, cut};
use super::shape::{Draft, Slot, Way};
use super::source::{Item, Kind, Source};
use super::steps::{OUTPUT, WORDS};
use super::words::{Holds, Names};
use super::{Notes, metrics};
use assay_model::{MetricSpec, NodeKind, Position, Severity};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The longest label, in bytes.
const MAX_LABEL: usize = 200;
/// How far below the first the further nodes of one node are shown.
const BELOW: f64 = 30.0;

/// The fields in which a node names what it sets.
const OUTPUTS: [&str; 6] = [
    "outputVars",
    "outputKeys",
    "output_variable",
    "outputVar",
    "outputVariable",
    "output_var",
];

/// Makes a draft of a source.
pub(super) struct Maker {
    pub(super) source: Source,
    pub(super) cast: Cast,
    /// What the start says of the situation.
    pub(super) situation: Option<String>,
    pub(super) names: Names,
    ids: Ids,
    pub(super) start: Option<usize>,
    pub(super) reached: BTreeSet<usize>,
    /// What the nodes that compute come to, or why they cannot.
    pub(super) computed: BTreeMap<usize, Result<NodeKind, String>>,
    pub(super) expected: BTreeMap<usize, (Vec<MetricSpec>, Severity)>,
    /// Names of metrics.
    taken: BTreeSet<String>,
}

impl Maker {
    pub(super) fn of(mut source: Source, ids: Ids, notes: &mut Notes) -> Self {
        let items = &source.items;
        let first = |kind| items.iter().position(|item| item.kind == kind);
        let entry = (0..items.len()).find(|index| source.incoming(*index) == 0);
        let start = first(Kind::Start)
            .or(entry)
            .or((!items.is_empty()).then_some(0));
        let mut reached = BTreeSet::new();
        let mut open: Vec<usize> = start.into_iter().collect();
        while let Some(index) = open.pop() {
            let ends = source
                .items
                .get(index)
                .is_some_and(|item| item.kind == Kind::End);
            if reached.insert(index) && !ends {
                open.extend(source.out(index).map(|(_, link)| link.to));
            }
        }
        let language = source.root.text(&["language"]).unwrap_or_default();
        let language = cut(&language, 100).unwrap_or(&language).to_owned();
        let cast = match start {
            Some(start) => Cast::of(&mut source, start, &reached, &language, notes),
            None => Cast::default(),
        };
        let mut maker = Self {
            source,
            cast,
            situation: None,
            names: Names::default(),
            ids,
            start,
            reached,
            computed: BTreeMap::new(),
            expected: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        maker.declare(notes);
        maker
    }

    pub(super) fn variables(&self) -> BTreeMap<String, Value> {
        self.names.variables.clone()
    }

    pub(super) fn metrics(&mut self, says: &mut Vec<String>) -> Vec<MetricSpec> {
        metrics::of_all(&mut self.source.root, &mut self.taken, says)
    }

    /// What the persona is after: all that its tasks ask of it.
    pub(super) fn goal(&mut self) -> String {
        let tasks = self.source.items.iter_mut().enumerate();
        let tasks =
            tasks.filter(|(index, item)| item.kind == Kind::Task && self.reached.contains(index));
        let texts =
            tasks.map(|(_, item)| item.data.text(&WORDS).unwrap_or_else(|| item.label.clone()));
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Finds out first which variables there are and which metrics: texts and conditions name them.
    fn declare(&mut self, notes: &mut Notes) {
        if let Some(Value::Object(variables)) = self.source.root.get(&["variables"]) {
            for (name, value) in variables.into_iter().take(100) {
                let variable = self.names.begin(&name, value);
                renamed(&name, &variable, "", None, notes);
            }
        }
        let reached = self.reached.clone();
        for index in &reached {
            let Some(item) = self.source.items.get_mut(*index) else {
                continue;
            };
            let (holds, member) = match item.kind {
                Kind::Task => (Holds::Text, ""),
                Kind::Tool => (Holds::Anything, ".body"),
                Kind::Trigger => (Holds::Anything, ""),
                Kind::Expectation => {
                    let mut says = Vec::new();
                    let label = if item.label.is_empty() {
                        item.id.clone()
                    } else {
                        item.label.clone()
                    };
                    let of =
                        metrics::of_expectation(&mut item.data, &label, &mut self.taken, &mut says);
                    let severity = metrics::severity(&mut item.data, &mut says);
                    notes.all(item, says);
                    self.expected.insert(*index, (of, severity));
                    continue;
                }
                _ => continue,
            };
            if let Some(name) = item.data.text(&OUTPUT) {
                let variable = self.names.set(&name, holds, member);
                renamed(&name, &variable, &item.at, Some(&item.id), notes);
            }
        }
        // One may name what another one sets, further on in the list.
        for _ in 0..2 {
            for index in &reached {
                self.compute(*index, notes);
            }
        }
    }

    fn compute(&mut self, index: usize, notes: &mut Notes) {
        let done = matches!(self.computed.get(&index), Some(Ok(_)));
        let Some(item) = self.source.items.get_mut(index).filter(|_| !done) else {
            return;
        };
        let outputs = item.data.names(&OUTPUTS);
        item.data.pass(&OUTPUT);
        item.data.pass(&["inputVars", "inputKeys", "language"]);
        let computed = match item.kind {
            Kind::Code => {
                let code = item.data.text(&["code", "script", "instruction"]);
                code::assigned(&code.unwrap_or_default(), &outputs, &self.names)
            }
            Kind::Transform => {
                let spec = item.data.text(&[
                    "transformSpec",
                    "transform_spec",
                    "template",
                    "expression",
                    "spec",
                ]);
                let output = outputs.first().unwrap_or(&item.id).clone();
                code::transformed(spec, &mut self.names, output)
            }
            _ => return,
        };
        let computed = computed.map(|(kind, output)| {
            let variable = self.names.set(&output, Holds::Anything, "");
            if item.kind == Kind::Transform {
                let message = format!(
                    "its value is in the variable `{variable}`; the program it comes from did nothing here"
                );
                notes.of(item, message);
            } else {
                renamed(&output, &variable, &item.at, Some(&item.id), notes);
            }
            match kind {
                Computed::Expression(expression) => NodeKind::Code {
                    expression: Some(expression),
                    program_id: None,
                    input: None,
                    output: variable,
                },
                Computed::Template(template) => NodeKind::Transform {
                    template,
                    json: false,
                    output: variable,
                },
            }
        });
        self.computed.insert(index, computed);
    }

    /// All nodes and edges, as far as they have counterparts.
    pub(super) fn draft(&mut self, notes: &mut Notes) -> Draft {
        let mut draft = Draft::default();
        let mut slots: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        let leading = self.leading_trigger();
        let mut order: Vec<usize> = (0..self.source.items.len()).collect();
        order.sort_by_key(|index| (Some(*index) != self.start, *index));
        for index in order {
            let Some(item) = self.source.items.get(index).cloned() else {
                continue;
            };
            if !self.reached.contains(&index) {
                if !self.cast.is_lead(index) {
                    notes.of(&item, "is left out: nothing leads to it");
                }
                continue;
            }
            let (does, timeout_ms) = self.made(index, item.clone(), leading == Some(index), notes);
            let chain = self.chain(&item, does, timeout_ms, &mut draft, notes);
            slots.insert(index, chain);
        }
        self.link(&slots, &mut draft, notes);
        draft.ids = std::mem::take(&mut self.ids);
        let first = self
            .start
            .and_then(|start| slots.get(&start))
            .map(|(first, _)| *first);
        let begins = self.start.and_then(|start| self.source.items.get(start));
        let begins = begins.is_some_and(|item| matches!(item.kind, Kind::Start | Kind::Trigger));
        match (leading.and_then(|index| slots.get(&index)), first) {
            (Some((trigger, _)), _) => {
                draft.start = *trigger;
                if let Some(item) = self.start.and_then(|start| self.source.items.get(start)) {
                    notes.of(
                        item,
                        "is left out: the trigger after it is what starts the scenario",
                    );
                }
                // It is told already.
                if let Some(slot) = first.and_then(|first| draft.slots.get_mut(first)) {
                    slot.at.clear();
                }
            }
            (None, Some(first)) if begins => draft.start = first,
            (None, first) => {
                notes.add(
                    "/nodes",
                    None,
                    "there is no start: the node `start` was added",
                );
                let id = draft.ids.of("start");
                let start = draft.add(Slot {
                    id,
                    at: String::new(),
                    does: Some(NodeKind::Start {}),
                    label: String::new(),
                    position: None,
                    timeout_ms: None,
                });
                draft.start = start;
                if let Some(first) = first {
                    draft.ways.push(Way {
                        from: start,
                        to: first,
                        when: None,
                        at: String::new(),
                    });
                }
            }
        }
        draft
    }

    /// The trigger right after the start: as the first node it waits for nothing, as it did there.
    fn leading_trigger(&self) -> Option<usize> {
        let start = self
            .start
            .filter(|start| self.source.incoming(*start) == 0)?;
        self.source
            .items
            .get(start)
            .filter(|item| item.kind == Kind::Start)?;
        let mut out = self.source.out(start);
        let (Some((_, link)), None) = (out.next(), out.next()) else {
            return None;
        };
        let trigger = self.source.items.get(link.to)?.kind == Kind::Trigger;
        (trigger && self.source.incoming(link.to) == 1).then_some(link.to)
    }

    /// Adds the nodes that one of the source becomes: the first and the last.
    fn chain(
        &mut self,
        item: &Item,
        does: Vec<NodeKind>,
        timeout_ms: Option<u64>,
        draft: &mut Draft,
        notes: &mut Notes,
    ) -> (usize, usize) {
        let mut label = item.label.clone();
        if let Some(short) = cut(&label, MAX_LABEL) {
            notes.of(
                item,
                format!("its label is longer than {MAX_LABEL} bytes, the rest is left out"),
            );
            label = short.to_owned();
        }
        let mut does: Vec<Option<NodeKind>> = does.into_iter().map(Some).collect();
        if does.is_empty() {
            does.push(None);
        }
        let (mut first, mut last) = (None, 0);
        for (n, does) in (0_u32..).zip(does) {
            let asks = matches!(does, Some(NodeKind::Task { .. } | NodeKind::TargetCall {}));
            let name = does.as_ref().map_or("nothing", NodeKind::type_name);
            let slot = draft.add(Slot {
                id: if n == 0 {
                    item.id.clone()
                } else {
                    self.ids.of(&format!("{}-{name}", item.id))
                },
                at: item.at.clone(),
                timeout_ms: timeout_ms.filter(|_| asks),
                does,
                label: if n == 0 { label.clone() } else { String::new() },
                position: item.position.map(|at| Position {
                    x: at.x,
                    y: f64::from(n).mul_add(BELOW, at.y),
                }),
            });
            if first.is_some() {
                draft.ways.push(Way {
                    from: last,
                    to: slot,
                    when: None,
                    at: String::new(),
                });
            }
            first = first.or(Some(slot));
            last = slot;
        }
        (first.unwrap_or(last), last)
    }

    fn link(
        &mut self,
        slots: &BTreeMap<usize, (usize, usize)>,
        draft: &mut Draft,
        notes: &mut Notes,
    ) {
        let mut seen = BTreeSet::new();
        for (index, item) in self.source.items.iter().enumerate() {
            let Some((_, from)) = slots.get(&index).copied() else {
                continue;
            };
            if item.kind == Kind::Condition {
                continue;
            }
            for (_, link) in self.source.out(index) {
                let Some((to, _)) = slots.get(&link.to).copied() else {
                    notes.add(&link.at, None, "is left out: it leads on from an end");
                    continue;
                };
                if item.kind == Kind::End {
                    notes.add(&link.at, None, "is left out: it leads on from an end");
                } else if !seen.insert((index, link.to)) {
                    notes.add(
                        &link.at,
                        None,
                        "is left out: there is another edge between the same nodes",
                    );
                } else {
                    draft.ways.push(Way {
                        from,
                        to,
                        when: None,
                        at: link.at.clone(),
                    });
                }
            }
        }
        let conditions: Vec<usize> = slots.keys().copied().collect();
        for index in conditions {
            self.fork(index, slots, draft, notes);
        }
    }

    fn fork(
        &mut self,
        index: usize,
        slots: &BTreeMap<usize, (usize, usize)>,
        draft: &mut Draft,
        notes: &mut Notes,
    ) {
        let Some(mut item) = self
            .source
            .items
            .get(index)
            .filter(|i| i.kind == Kind::Condition)
            .cloned()
        else {
            return;
        };
        let mut told = Vec::new();
        let fork = Fork::of(&self.source, index, &mut told);
        for (link, message) in told {
            let link = link.and_then(|link| self.source.links.get(link));
            notes.add(
                link.map_or(&item.at, |link| &link.at),
                Some(&item.id),
                message,
            );
        }
        let Some((_, from)) = slots.get(&index).copied() else {
            return;
        };
        if fork.yes.is_none() && fork.no.is_none() {
            // It has no edge: where it ends is found out later.
            rest(&mut item, notes);
            return;
        }
        let score = self.score(index);
        let mut says = Vec::new();
        let when = fork::when(&mut item.data, &self.names, score.as_deref(), &mut says);
        notes.all(&item, says);
        rest(&mut item, notes);
        for (link, when) in [(fork.yes, Some(when)), (fork.no, None)] {
            let link = link.and_then(|link| self.source.links.get(link));
            let to = link
                .and_then(|link| slots.get(&link.to))
                .map(|(first, _)| *first);
            let to = to.unwrap_or_else(|| {
                let outcome = if when.is_some() {
                    "holds"
                } else {
                    "does not hold"
                };
                let message = format!(
                    "nothing follows when it {outcome}: that leads to an `end` that was added"
                );
                notes.of(&item, message);
                draft.ids = std::mem::take(&mut self.ids);
                let end = draft.end(from);
                self.ids = std::mem::take(&mut draft.ids);
                end
            });
            draft.ways.push(Way {
                from,
                to,
                when,
                at: link.map(|link| link.at.clone()).unwrap_or_default(),
            });
        }
    }

    /// The metric that `score` means in a condition: the one that is scored before it, if there is only one.
    fn score(&self, condition: usize) -> Option<String> {
        let mut before = BTreeSet::new();
        let mut open = vec![condition];
        while let Some(index) = open.pop() {
            let links = self.source.links.iter().filter(|link| link.to == index);
            open.extend(
                links
                    .map(|link| link.from)
                    .filter(|from| before.insert(*from)),
            );
        }
        let expected = self
            .expected
            .iter()
            .filter(|(index, _)| before.contains(index));
        let mut metrics = expected.flat_map(|(_, (metrics, _))| metrics);
        match (metrics.next(), metrics.next()) {
            (Some(only), None) => Some(only.display_name().to_owned()),
            _ => None,
        }
    }
}

fn renamed(name: &str, variable: &str, at: &str, node: Option<&str>, notes: &mut Notes) {
    if name != variable {
        notes.add(
            at,
            node,
            format!("its variable `{name}` is `{variable}` here"),
        );
    }
}

/// Tells of fields that nobody has read.
pub(super) fn rest(item: &mut Item, notes: &mut Notes) {
    // They say what a node reads and sets; here that is seen from what it does.
    item.data.pass(&["inputKeys", "outputKeys"]);
    let rest = item.data.rest();
    if !rest.is_empty() {
        notes.of(
            item,
            format!(
                "left out, since they have no counterpart: {}",
                rest.join(", ")
            ),
        );
    }
}
