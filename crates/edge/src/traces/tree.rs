//! A trace as a tree, by pages: observations in the order in which one reads them, each before its children.
//!
//! A trace of ten thousand observations is read by its skeleton first (ids, parents, times); only the page's rows are
//! read whole, and without what went in and came out.

use super::Statement;
use super::TraceStore;
use super::render::{Dialect, from};
use super::stored::StoredRow;
use crate::db::{DbError, Row};
use crate::page::{Cursor, Page, PageQuery};
use crate::problem::Problem;
use assay_model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Most observations of a trace that a tree is made of; beyond, the earliest are shown.
const MAX_NODES: usize = 200_000;

/// Which part of a tree.
#[derive(Debug, Clone, Default)]
pub struct TreeQuery {
    /// Only what is below this observation.
    pub under: Option<String>,
    /// Levels to show, counted from the roots or from `under`; all when absent.
    pub depth: Option<u32>,
}

/// An observation in its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TreeNode {
    /// The observation.
    pub id: String,
    /// Its parent as it was sent, which may not be in the trace.
    pub parent_id: Option<String>,
    /// Levels above it in this tree; 0 for a root.
    pub depth: u32,
    /// Observations directly below.
    pub children: u32,
    /// Observations below, on all levels.
    pub descendants: u32,
    /// What kind of work.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// When it began.
    pub start_time: Timestamp,
    /// When it ended; null while it goes on.
    pub end_time: Option<Timestamp>,
    /// How grave.
    pub level: String,
    /// Why it failed.
    pub status_message: Option<String>,
    /// The model that was called.
    pub model: Option<String>,
    /// Tokens of the prompt.
    pub input_tokens: Option<i64>,
    /// Tokens generated.
    pub output_tokens: Option<i64>,
    /// What it cost, in US dollars.
    pub cost_usd: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Bone {
    id: String,
    parent_id: Option<String>,
}

impl StoredRow for Bone {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            parent_id: row.opt_text("parent_id")?,
        })
    }
}

/// Micros of a time column, in a dialect.
fn micros<D: Dialect>(column: &str) -> String {
    if D::CLICKHOUSE {
        format!("toUnixTimestamp64Micro(t.{column}) AS {column}")
    } else {
        format!("t.{column} AS {column}")
    }
}

struct Skeleton<'a>(&'a str);

impl Statement for Skeleton<'_> {
    type Row = Bone;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        Ok(format!(
            "SELECT t.id AS id, t.parent_id AS parent_id FROM {} WHERE t.workspace_id = {} AND t.trace_id = {} \
             ORDER BY t.start_time, t.id LIMIT {MAX_NODES}",
            from_by_key::<D>(),
            D::WORKSPACE,
            d.text(self.0),
        ))
    }
}

/// Left to itself SQLite prefers the index that spares it the sort, and walks the whole workspace to find one trace.
fn from_by_key<D: Dialect>() -> String {
    let mut source = from::<D>("observations", "t");
    if !D::CLICKHOUSE {
        source.push_str(" INDEXED BY sqlite_autoindex_observations_1");
    }
    source
}

#[derive(Debug, Deserialize)]
struct Flesh {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    start_time: i64,
    end_time: Option<i64>,
    level: String,
    status_message: Option<String>,
    model: Option<String>,
    usage_input: Option<i64>,
    usage_output: Option<i64>,
    cost_usd: Option<f64>,
}

impl StoredRow for Flesh {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            kind: row.text("type")?,
            name: row.text("name")?,
            start_time: row.int("start_time")?,
            end_time: row.opt_int("end_time")?,
            level: row.text("level")?,
            status_message: row.opt_text("status_message")?,
            model: row.opt_text("model")?,
            usage_input: row.opt_int("usage_input")?,
            usage_output: row.opt_int("usage_output")?,
            cost_usd: row.opt_real("cost_usd")?,
        })
    }
}

struct Nodes<'a>(&'a str, Vec<&'a str>);

impl Statement for Nodes<'_> {
    type Row = Flesh;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let trace = d.text(self.0);
        Ok(format!(
            "SELECT t.id AS id, t.type AS type, t.name AS name, {start}, {end}, t.level AS level, \
             t.status_message AS status_message, t.model AS model, t.usage_input AS usage_input, \
             t.usage_output AS usage_output, t.cost_usd AS cost_usd FROM {from} \
             WHERE t.workspace_id = {workspace} AND t.trace_id = {trace} AND t.id IN {ids}",
            start = micros::<D>("start_time"),
            end = micros::<D>("end_time"),
            from = from_by_key::<D>(),
            workspace = D::WORKSPACE,
            ids = d.texts(&self.1),
        ))
    }
}

/// A bone in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Placed {
    /// Which bone.
    at: usize,
    depth: u32,
    children: u32,
    descendants: u32,
}

/// Bones in reading order. Siblings are in the order of their start. What has no parent in the trace is a root; so is the
/// first of a ring of parents, where no root leads into it.
fn arrange(bones: &[Bone]) -> Vec<Placed> {
    let places: HashMap<&str, usize> = bones
        .iter()
        .enumerate()
        .map(|(i, b)| (b.id.as_str(), i))
        .collect();
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); bones.len()];
    let mut roots = Vec::new();
    for (i, bone) in bones.iter().enumerate() {
        let parent = bone
            .parent_id
            .as_deref()
            .and_then(|parent| places.get(parent))
            .filter(|parent| **parent != i);
        match parent.and_then(|parent| below.get_mut(*parent)) {
            Some(siblings) => siblings.push(i),
            None => roots.push(i),
        }
    }
    let mut placed: Vec<Placed> = Vec::with_capacity(bones.len());
    let mut seen = vec![false; bones.len()];
    // What no root leads to is in a ring: its first becomes a root of its own.
    let all = roots.into_iter().chain(0..bones.len());
    for root in all {
        if seen.get(root).copied().unwrap_or(true) {
            continue;
        }
        let mut stack = vec![(root, 0_u32)];
        while let Some((at, depth)) = stack.pop() {
            let Some(known) = seen.get_mut(at).filter(|known| !**known) else {
                continue;
            };
            *known = true;
            let children = below.get(at).map(Vec::as_slice).unwrap_or_default();
            placed.push(Placed {
                at,
                depth,
                children: u32::try_from(children.len()).unwrap_or(u32::MAX),
                descendants: 0,
            });
            stack.extend(children.iter().rev().map(|child| (*child, depth + 1)));
        }
    }
    count_descendants(&mut placed);
    placed
}

/// In reading order the descendants of a node follow it, up to the next that is not deeper.
fn count_descendants(placed: &mut [Placed]) {
    // Nodes whose descendants are not all seen yet: place and depth.
    let mut open: Vec<(usize, u32)> = Vec::new();
    let depths: Vec<u32> = placed.iter().map(|p| p.depth).collect();
    let close = |placed: &mut [Placed], node: usize, end: usize| {
        if let Some(p) = placed.get_mut(node) {
            p.descendants = u32::try_from(end - node - 1).unwrap_or(u32::MAX);
        }
    };
    for (i, depth) in depths.iter().enumerate() {
        while let Some((node, _)) = open.pop_if(|(_, d)| *d >= *depth) {
            close(placed, node, i);
        }
        open.push((i, *depth));
    }
    for (node, _) in open {
        close(placed, node, depths.len());
    }
}

/// The part of the tree that is asked for, with depths counted from there. `None` when `under` is not in the trace.
fn part(bones: &[Bone], placed: Vec<Placed>, query: &TreeQuery) -> Option<Vec<Placed>> {
    let mut part = match &query.under {
        None => placed,
        Some(id) => {
            let top = placed
                .iter()
                .position(|p| bones.get(p.at).is_some_and(|b| b.id == *id))?;
            let base = placed.get(top)?.depth + 1;
            let below = placed.get(top)?.descendants as usize;
            placed
                .into_iter()
                .skip(top + 1)
                .take(below)
                .map(|p| Placed {
                    depth: p.depth - base,
                    ..p
                })
                .collect()
        }
    };
    if let Some(depth) = query.depth {
        part.retain(|p| p.depth < depth);
    }
    Some(part)
}

impl TraceStore {
    /// A page of a trace's tree. `None` when there is no such trace, or no such observation in it.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the cursor.
    pub async fn tree(
        &self,
        trace: &str,
        query: &TreeQuery,
        page: &PageQuery,
    ) -> Result<Option<Page<TreeNode>>, Problem> {
        let bones = self.run(&Skeleton(trace)).await?;
        if bones.is_empty() {
            return match self.trace_alone(trace).await? {
                Some(_) if query.under.is_none() => Ok(Some(page.page(Vec::new(), place))),
                _ => Ok(None),
            };
        }
        let placed = arrange(&bones);
        let Some(part) = part(&bones, placed, query) else {
            return Ok(None);
        };
        let start = match &page.cursor {
            None => 0,
            Some(Cursor(_, id)) => {
                let last = part
                    .iter()
                    .position(|p| bones.get(p.at).is_some_and(|b| b.id == *id));
                last.ok_or_else(|| Problem::field("cursor", "is not a cursor of this tree"))? + 1
            }
        };
        let shown: Vec<Placed> = part
            .into_iter()
            .skip(start)
            .take(page.limit as usize + 1)
            .collect();
        let ids: Vec<&str> = shown
            .iter()
            .filter_map(|p| bones.get(p.at).map(|b| b.id.as_str()))
            .collect();
        let rows = self.run(&Nodes(trace, ids)).await?;
        let mut rows: HashMap<String, Flesh> =
            rows.into_iter().map(|r| (r.id.clone(), r)).collect();
        let nodes = shown.iter().filter_map(|p| {
            let bone = bones.get(p.at)?;
            let row = rows.remove(&bone.id)?;
            let at = Timestamp::from_micros;
            Some(TreeNode {
                id: row.id,
                parent_id: bone.parent_id.clone(),
                depth: p.depth,
                children: p.children,
                descendants: p.descendants,
                kind: row.kind,
                name: row.name,
                start_time: at(row.start_time),
                end_time: row.end_time.map(at),
                level: row.level,
                status_message: row.status_message,
                model: row.model,
                input_tokens: row.usage_input,
                output_tokens: row.usage_output,
                cost_usd: row.cost_usd,
            })
        });
        Ok(Some(page.page(nodes.collect(), place)))
    }
}

fn place(node: &TreeNode) -> Cursor {
    Cursor(0, node.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bone(id: &str, parent: Option<&str>) -> Bone {
        Bone {
            id: id.into(),
            parent_id: parent.map(str::to_owned),
        }
    }

    /// `depth:id(children,descendants)` of all nodes.
    fn told(bones: &[Bone], placed: &[Placed]) -> Vec<String> {
        placed
            .iter()
            .map(|p| {
                format!(
                    "{}:{}({},{})",
                    p.depth, bones[p.at].id, p.children, p.descendants
                )
            })
            .collect()
    }

    #[test]
    fn parents_come_before_their_children() {
        let bones = [
            bone("c", Some("a")),
            bone("a", None),
            bone("b", Some("a")),
            bone("d", Some("c")),
            bone("x", Some("elsewhere")),
        ];
        let placed = arrange(&bones);
        assert_eq!(
            told(&bones, &placed),
            ["0:a(2,3)", "1:c(1,1)", "2:d(0,0)", "1:b(0,0)", "0:x(0,0)"]
        );
        let under = TreeQuery {
            under: Some("c".into()),
            depth: None,
        };
        let below = part(&bones, placed.clone(), &under).unwrap();
        assert_eq!(told(&bones, &below), ["0:d(0,0)"]);
        let top = TreeQuery {
            under: None,
            depth: Some(1),
        };
        let roots = part(&bones, placed, &top).unwrap();
        assert_eq!(told(&bones, &roots), ["0:a(2,3)", "0:x(0,0)"]);
    }

    #[test]
    fn rings_are_cut_and_nothing_is_lost() {
        let bones = [
            bone("a", Some("b")),
            bone("b", Some("a")),
            bone("self", Some("self")),
            bone("below", Some("b")),
        ];
        let placed = arrange(&bones);
        assert_eq!(placed.len(), 4);
        assert_eq!(told(&bones, &placed)[0], "0:self(0,0)");
        assert_eq!(told(&bones, &placed)[1], "0:a(1,2)");
    }

    #[test]
    fn a_deep_chain_needs_no_deep_stack() {
        let bones: Vec<Bone> = (0..50_000_u32)
            .map(|i| Bone {
                id: i.to_string(),
                parent_id: (i > 0).then(|| (i - 1).to_string()),
            })
            .collect();
        let placed = arrange(&bones);
        assert_eq!(placed.len(), 50_000);
        assert_eq!(placed[0].descendants, 49_999);
        assert_eq!(placed[49_999].depth, 49_999);
    }
}
