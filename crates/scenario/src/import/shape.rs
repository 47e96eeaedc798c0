//! The graph while it is made: nodes and edges by index, and what gives them a shape that is valid.

use super::Notes;
use super::ids::Ids;
use assay_model::{Edge, Node, NodeKind, Position, When};
use std::collections::BTreeSet;

/// How often a loop goes round that stands for a way back without a bound.
const ROUNDS: u32 = 10;
/// Most branches of a `parallel`.
const MAX_BRANCHES: usize = 16;
/// How far below another node one that was added is shown.
const BELOW: f64 = 60.0;

/// A node that may be one; `None` is left out in the end, and edges lead past it.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) id: String,
    pub(super) at: String,
    pub(super) does: Option<NodeKind>,
    pub(super) label: String,
    pub(super) position: Option<Position>,
    pub(super) timeout_ms: Option<u64>,
}

/// An edge.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) when: Option<When>,
    pub(super) at: String,
}

/// A graph that is not done.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) slots: Vec<Slot>,
    pub(super) ways: Vec<Way>,
    pub(super) start: usize,
    pub(super) ids: Ids,
    /// The end that was added.
    end: Option<usize>,
}

/// What a walk through the graph finds.
#[derive(Debug, Default)]
struct Walk {
    /// Nodes, each after all that it found first.
    done: Vec<usize>,
    /// Edges that lead back to a node that is still open, by index.
    back: Vec<usize>,
}

impl Draft {
    pub(super) fn add(&mut self, slot: Slot) -> usize {
        self.slots.push(slot);
        self.slots.len() - 1
    }

    fn kind(&self, slot: usize) -> Option<&NodeKind> {
        self.slots.get(slot)?.does.as_ref()
    }

    fn is_end(&self, slot: usize) -> bool {
        matches!(self.kind(slot), Some(NodeKind::End { .. }))
    }

    /// Whether it chooses among its edges, or is done with having several.
    fn chooses(&self, slot: usize) -> bool {
        use NodeKind::{Condition, Loop, Parallel};
        matches!(
            self.kind(slot),
            Some(Condition {} | Loop { .. } | Parallel {})
        )
    }

    /// Whether nothing outside happens and nothing is counted; as the check of a graph has it.
    fn is_still(&self, slot: usize) -> bool {
        use NodeKind::{
            Converse, Loop, PersonaTurn, SubScenario, TargetCall, Task, Tool, Trigger, Wait,
            WaitForPerson,
        };
        !matches!(
            self.kind(slot),
            Some(
                PersonaTurn { .. }
                    | TargetCall {}
                    | Converse { .. }
                    | Task { .. }
                    | Tool { .. }
                    | Wait { .. }
                    | Loop { .. }
                    | Trigger { .. }
                    | WaitForPerson { .. }
                    | SubScenario { .. }
            )
        )
    }

    fn out(&self, slot: usize) -> impl Iterator<Item = (usize, &Way)> {
        self.ways
            .iter()
            .enumerate()
            .filter(move |(_, way)| way.from == slot)
    }

    /// What can be reached from some nodes, those included, without going through another.
    fn reach(
        &self,
        from: impl IntoIterator<Item = usize>,
        without: Option<usize>,
    ) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = from.into_iter().collect();
        while let Some(slot) = open.pop() {
            if Some(slot) != without && found.insert(slot) {
                open.extend(self.out(slot).map(|(_, way)| way.to));
            }
        }
        found
    }

    /// The nodes from which an end can be reached.
    fn ending(&self) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> =
            (0..self.slots.len()).filter(|s| self.is_end(*s)).collect();
        loop {
            let more: Vec<usize> = self
                .ways
                .iter()
                .filter(|way| found.contains(&way.to) && !found.contains(&way.from))
                .map(|way| way.from)
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    /// Walks depth first from some nodes, along edges between nodes that `within` lets pass.
    fn walk(&self, from: impl IntoIterator<Item = usize>, within: impl Fn(usize) -> bool) -> Walk {
        let mut walk = Walk::default();
        let mut seen = BTreeSet::new();
        for first in from {
            let mut path: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
            let mut enter = Some(first).filter(|slot| within(*slot) && seen.insert(*slot));
            loop {
                if let Some(slot) = enter.take() {
                    let mut next: Vec<(usize, usize)> =
                        self.out(slot).map(|(i, way)| (i, way.to)).collect();
                    next.reverse();
                    path.push((slot, next));
                }
                let Some((slot, next)) = path.last_mut() else {
                    break;
                };
                let slot = *slot;
                match next.pop() {
                    None => {
                        walk.done.push(slot);
                        path.pop();
                    }
                    Some((_, to)) if !within(to) => {}
                    Some((way, to)) if path.iter().any(|(open, _)| *open == to) => {
                        walk.back.push(way)
                    }
                    Some((_, to)) => enter = Some(to).filter(|to| seen.insert(*to)),
                }
            }
        }
        walk
    }

    /// The end that was added, where nothing of the source ends.
    pub(super) fn end(&mut self, near: usize) -> usize {
        if let Some(end) = self.end {
            return end;
        }
        let id = self.ids.of("end");
        let position = self.below(near, 2.0 * BELOW);
        let end = self.add(Slot {
            id,
            at: String::new(),
            does: Some(NodeKind::End { result: None }),
            label: String::new(),
            position,
            timeout_ms: None,
        });
        self.end = Some(end);
        end
    }

    fn below(&self, slot: usize, by: f64) -> Option<Position> {
        let at = self.slots.get(slot)?.position?;
        Some(Position {
            x: at.x,
            y: at.y + by,
        })
    }

    /// A node that the source does not have, in the place of an edge's goal.
    fn insert(&mut self, does: NodeKind, near: usize, by: f64) -> usize {
        let base = self
            .slots
            .get(near)
            .map(|slot| slot.id.clone())
            .unwrap_or_default();
        let id = self.ids.of(&format!("{base}-{}", does.type_name()));
        let position = self.below(near, by);
        self.add(Slot {
            id,
            at: String::new(),
            does: Some(does),
            label: String::new(),
            position,
            timeout_ms: None,
        })
    }

    fn way(&mut self, from: usize, to: usize, when: Option<When>) {
        self.ways.push(Way {
            from,
            to,
            when,
            at: String::new(),
        });
    }

    fn note(&self, slot: usize, notes: &mut Notes, message: &str) {
        if let Some(slot) = self.slots.get(slot) {
            let at = if slot.at.is_empty() {
                "/nodes"
            } else {
                &slot.at
            };
            notes.add(at, Some(&slot.id), message);
        }
    }

    /// Gives every node a way on, takes out what cannot be reached, and bounds what goes round for ever.
    pub(super) fn settle(&mut self, notes: &mut Notes) {
        let reached = self.reach([self.start], None);
        let gone: Vec<usize> = (0..self.slots.len())
            .filter(|slot| !reached.contains(slot))
            .collect();
        self.ways.retain(|way| reached.contains(&way.from));
        for slot in gone {
            // Nodes that were made on the way tell nothing of the source.
            if self.slots.get(slot).is_some_and(|slot| !slot.at.is_empty()) {
                self.note(slot, notes, "is left out: nothing leads to it");
            }
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.at.clear();
            }
        }
        for slot in reached {
            if !self.is_end(slot) && self.out(slot).next().is_none() {
                self.note(
                    slot,
                    notes,
                    "nothing follows it: it leads to an `end` that was added",
                );
                let end = self.end(slot);
                self.way(slot, end, None);
            }
        }
        loop {
            let ending = self.ending();
            let walk = self.walk([self.start], |_| true);
            let endless = |way: &&usize| {
                self.ways
                    .get(**way)
                    .is_some_and(|way| !ending.contains(&way.from))
            };
            let Some(back) = walk.back.iter().find(endless).copied() else {
                return;
            };
            let from = self.ways.get(back).map_or(self.start, |way| way.from);
            let end = self.end(from);
            self.go_round(back, end, notes, "leads back for ever");
        }
    }

    /// Puts a loop into an edge that leads back.
    fn go_round(&mut self, back: usize, over: usize, notes: &mut Notes, what: &str) {
        let Some((from, to, at)) = self
            .ways
            .get(back)
            .map(|way| (way.from, way.to, way.at.clone()))
        else {
            return;
        };
        let does = NodeKind::Loop {
            times: ROUNDS,
            r#while: None,
            each: None,
            item: None,
        };
        let round = self.insert(does, from, BELOW);
        if let Some(way) = self.ways.get_mut(back) {
            way.to = round;
        }
        self.way(round, to, Some(When::Again {}));
        self.way(round, over, None);
        let id = |slot: usize| {
            self.slots
                .get(slot)
                .map(|slot| slot.id.clone())
                .unwrap_or_default()
        };
        let message = format!(
            "{what}: the loop `{}` was put in, which goes back to `{}` at most {ROUNDS} times and then on to `{}`",
            id(round),
            id(to),
            id(over)
        );
        notes.add(&at, Some(&id(round)), message);
    }

    /// Bounds every way back that nobody takes a turn on.
    pub(super) fn bound(&mut self, notes: &mut Notes) {
        loop {
            let reached = self.reach([self.start], None);
            let still: BTreeSet<usize> = reached
                .into_iter()
                .filter(|slot| self.is_still(*slot))
                .collect();
            let walk = self.walk(still.iter().copied(), |slot| still.contains(&slot));
            let Some((back, from, to)) = walk.back.first().and_then(|way| {
                let edge = self.ways.get(*way)?;
                Some((*way, edge.from, edge.to))
            }) else {
                return;
            };
            let ring = self.ring(to, &still);
            let mut leaves = self.ways.iter().filter(|way| {
                let parallel = matches!(self.kind(way.from), Some(NodeKind::Parallel {}));
                ring.contains(&way.from) && !ring.contains(&way.to) && !parallel
            });
            let over = leaves.next().map(|way| way.to);
            let over = over.unwrap_or_else(|| self.end(from));
            self.go_round(back, over, notes, "leads back without a turn of anyone");
        }
    }

    /// The nodes of `within` that lead to a node and to which it leads.
    fn ring(&self, slot: usize, within: &BTreeSet<usize>) -> BTreeSet<usize> {
        let spread = |forward: bool| {
            let mut found = BTreeSet::from([slot]);
            loop {
                let before = found.len();
                for way in self
                    .ways
                    .iter()
                    .filter(|w| within.contains(&w.from) && within.contains(&w.to))
                {
                    let (from, to) = if forward {
                        (way.from, way.to)
                    } else {
                        (way.to, way.from)
                    };
                    if found.contains(&from) {
                        found.insert(to);
                    }
                }
                if found.len() == before {
                    return found;
                }
            }
        };
        spread(true).intersection(&spread(false)).copied().collect()
    }

    /// Makes of every plain node with several edges a `parallel` whose branches meet, or leaves it its first edge.
    pub(super) fn spread(&mut self, parallel: bool, notes: &mut Notes) {
        loop {
            let walk = self.walk([self.start], |_| true);
            let several = |slot: &usize| !self.chooses(*slot) && self.out(*slot).count() > 1;
            // What is within a branch is done before what is around it.
            let Some(slot) = walk.done.iter().copied().find(several) else {
                return;
            };
            let meets = if parallel { self.meeting(slot) } else { None };
            match meets {
                Some(join) => self.branch_out(slot, join, notes),
                None => self.keep_first(slot, notes),
            }
        }
    }

    fn keep_first(&mut self, slot: usize, notes: &mut Notes) {
        let others: Vec<Way> = self.out(slot).skip(1).map(|(_, way)| way.clone()).collect();
        self.ways.retain(|way| !others.contains(way));
        let id = self.slots.get(slot).map(|slot| slot.id.clone());
        for way in others {
            let message = "is left out: the branches do not meet, so that only the first edge is taken, as it was there";
            notes.add(&way.at, id.as_deref(), message);
        }
        self.settle(notes);
    }

    /// The node in which all that begins at a node's edges meets, with nothing in common before and no end.
    fn meeting(&self, slot: usize) -> Option<usize> {
        let heads: Vec<usize> = self.out(slot).map(|(_, way)| way.to).collect();
        if heads.len() > MAX_BRANCHES {
            return None;
        }
        let all = self.reach(heads.iter().copied(), None);
        let meets = all.into_iter().filter(|to| *to != slot).filter_map(|to| {
            let before = self.reach(heads.iter().copied(), Some(to));
            let ends = before.iter().any(|s| self.is_end(*s) || *s == slot);
            (!ends).then_some((before.len(), to))
        });
        let (_, join) = meets.min()?;
        let branches: Vec<BTreeSet<usize>> = heads
            .iter()
            .map(|head| self.reach([*head], Some(join)))
            .collect();
        let apart = branches.iter().enumerate().all(|(i, branch)| {
            let others = branches.iter().enumerate().filter(|(j, _)| *j != i);
            others
                .into_iter()
                .all(|(_, other)| branch.is_disjoint(other))
        });
        let entered = self.ways.iter().any(|way| {
            let within = branches.iter().find(|branch| branch.contains(&way.to));
            within.is_some_and(|branch| way.from != slot && !branch.contains(&way.from))
        });
        (apart && !entered).then_some(join)
    }

    fn branch_out(&mut self, slot: usize, meets: usize, notes: &mut Notes) {
        let heads: Vec<usize> = self.out(slot).map(|(_, way)| way.to).collect();
        let within = self.reach(heads.iter().copied(), Some(meets));
        let split = if self.kind(slot).is_none() {
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.does = Some(NodeKind::Parallel {});
            }
            slot
        } else {
            self.insert(NodeKind::Parallel {}, slot, BELOW)
        };
        let join = self.insert(NodeKind::Join {}, meets, -BELOW);
        for way in &mut self.ways {
            if way.from == slot {
                way.from = split;
            }
            if way.to == meets && (way.from == split || within.contains(&way.from)) {
                way.to = join;
            }
        }
        if split != slot {
            self.way(slot, split, None);
        }
        self.way(join, meets, None);
        let message = format!(
            "all its {} edges are taken at once, and the branches meet before `{}`; the program it comes from followed only the \
             first",
            heads.len(),
            self.slots
                .get(meets)
                .map(|slot| slot.id.as_str())
                .unwrap_or_default()
        );
        self.note(slot, notes, &message);
    }

    /// The graph's nodes and edges and the node to begin with; edges lead past what does nothing.
    pub(super) fn done(mut self) -> (String, Vec<Node>, Vec<Edge>) {
        let reached = self.reach([self.start], None);
        self.ways.retain(|way| reached.contains(&way.from));
        for slot in reached
            .iter()
            .copied()
            .filter(|slot| self.kind(*slot).is_none())
            .collect::<Vec<_>>()
        {
            let Some(next) = self.out(slot).next().map(|(_, way)| way.to) else {
                continue;
            };
            self.ways.retain(|way| way.from != slot);
            for way in &mut self.ways {
                if way.to == slot {
                    way.to = next;
                }
            }
            if self.start == slot {
                self.start = next;
            }
        }
        let id = |slot: usize| {
            self.slots
                .get(slot)
                .map(|slot| slot.id.clone())
                .unwrap_or_default()
        };
        let edges = self.ways.iter().map(|way| Edge {
            from: id(way.from),
            to: id(way.to),
            when: way.when.clone(),
        });
        let edges: Vec<Edge> = edges.collect();
        let start = id(self.start);
        let kept = self
            .slots
            .into_iter()
            .enumerate()
            .filter(|(index, _)| reached.contains(index));
        let nodes = kept.filter_map(|(_, slot)| {
            Some(Node {
                id: slot.id,
                does: slot.does?,
                label: slot.label,
                timeout_ms: slot.timeout_ms,
                max_attempts: None,
                position: slot.position,
            })
        });
        (start, nodes.collect(), edges)
    }
}
