import { withValue } from "@/lib/pointer";
import { type Does, edgeIds, firstWhen, freeId, type Graph, type GraphEdge, type GraphNode, mostEdges, NODE_SIZE, nodeOf, type Position } from "./model";

/** What can be done to a graph. */
export type Edit =
  | { do: "add"; does: Does; at: Position; after?: string; id?: string }
  | { do: "connect"; from: string; to: string }
  | { do: "reconnect"; edge: string; from: string; to: string }
  | { do: "move"; positions: Readonly<Record<string, Position>> }
  | { do: "delete"; nodes: readonly string[]; edges: readonly string[] }
  | { do: "rename"; from: string; to: string }
  | { do: "order"; edge: string; by: 1 | -1 }
  | { do: "paste"; clip: Clip; offset: Position }
  /** A value at a pointer from the graph; edits at one place in a row are one step of undo. */
  | { do: "set"; pointer: string; value: unknown }
  | { do: "replace"; graph: Graph };

/** What was copied: nodes, and the edges between them. */
export interface Clip {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** A graph with what it was before, and what was undone. */
export interface History {
  past: readonly Graph[];
  present: Graph;
  future: readonly Graph[];
  /** Where the last edit was typed; the next one there belongs to it. */
  typing: string | null;
  /** The nodes that the last edit made. */
  made: readonly string[];
}

/** Steps that can be undone. */
const DEPTH = 200;

/** A graph without a history. */
export const beginning = (graph: Graph): History => ({ past: [], present: graph, future: [], typing: null, made: [] });

/** Does an edit, undo or redo. What changes nothing leaves the history as it is. */
export function reduce(history: History, edit: Edit | { do: "undo" } | { do: "redo" }): History {
  if (edit.do === "undo") {
    const before = history.past.at(-1);
    return before ? { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], typing: null, made: [] } : history;
  }
  if (edit.do === "redo") {
    const [next, ...future] = history.future;
    return next ? { past: [...history.past, history.present], present: next, future, typing: null, made: [] } : history;
  }
  const made: string[] = [];
  const present = apply(history.present, edit, made);
  if (present === history.present) return history;
  const typing = edit.do === "set" ? edit.pointer : null;
  const goesOn = typing !== null && typing === history.typing;
  return { past: goesOn ? history.past : [...history.past, history.present].slice(-DEPTH), present, future: [], typing, made };
}

function apply(graph: Graph, edit: Edit, made: string[]): Graph {
  switch (edit.do) {
    case "add": return add(graph, edit, made);
    case "connect": return connect(graph, edit.from, edit.to);
    case "reconnect": {
      const index = edgeIds(graph.edges).indexOf(edit.edge);
      const edge = graph.edges[index];
      if (!edge || (edge.from === edit.from && edge.to === edit.to)) return graph;
      const { when, ...rest } = edge;
      // A condition belongs to the node that it leads away from.
      const next = { ...rest, from: edit.from, to: edit.to, ...(when && edge.from === edit.from ? { when } : {}) };
      return { ...graph, edges: graph.edges.with(index, next) };
    }
    case "move": {
      const moved = graph.nodes.map((node) => {
        const to = edit.positions[node.id];
        return to && (to.x !== node.position?.x || to.y !== node.position.y) ? { ...node, position: rounded(to) } : node;
      });
      return moved.every((node, index) => node === graph.nodes[index]) ? graph : { ...graph, nodes: moved };
    }
    case "delete": return remove(graph, new Set(edit.nodes), new Set(edit.edges));
    case "rename": return rename(graph, edit.from, edit.to);
    case "order": return reorder(graph, edit.edge, edit.by);
    case "paste": return paste(graph, edit.clip, edit.offset, made);
    case "set": return withValue(graph, edit.pointer, edit.value);
    case "replace": return JSON.stringify(edit.graph) === JSON.stringify(graph) ? graph : edit.graph;
  }
}

const rounded = ({ x, y }: Position): Position => ({ x: Math.round(x), y: Math.round(y) });

function add(graph: Graph, { does, at, after, id }: Extract<Edit, { do: "add" }>, made: string[]): Graph {
  const name = freeId(id ?? does.type, new Set(graph.nodes.map((node) => node.id)));
  made.push(name);
  const next: Graph = { ...graph, nodes: [...graph.nodes, { id: name, does, position: rounded(at) }], start: graph.nodes.length === 0 ? name : graph.start };
  const before = after === undefined ? undefined : nodeOf(graph, after);
  if (!before) return next;
  const out = graph.edges.filter((edge) => edge.from === before.id);
  // A node with one way on takes the new one into it, so that the way is not cut.
  const [only] = out;
  if (mostEdges(before.does.type) === 1 && only && mostEdges(does.type) > 0) {
    const index = graph.edges.indexOf(only);
    return { ...next, nodes: makeRoom(next.nodes, name, before.id), edges: [...graph.edges.with(index, { ...only, to: name }), { from: name, to: only.to }] };
  }
  return connect(next, before.id, name);
}

/** The height of a layer: a node and the way to the next one. */
export const LAYER = 130;

/** Moves what stands at a new node's place, or below it, down by a layer. */
function makeRoom(nodes: readonly GraphNode[], id: string, before: string): GraphNode[] {
  const at = nodes.find((node) => node.id === id)?.position;
  const covered = at && nodes.some((node) => node.id !== id && node.position && Math.abs(node.position.x - at.x) < NODE_SIZE.width && Math.abs(node.position.y - at.y) < NODE_SIZE.height + 20);
  if (!at || !covered) return [...nodes];
  return nodes.map((node) => (node.id !== id && node.id !== before && node.position && node.position.y > at.y - NODE_SIZE.height ? { ...node, position: { ...node.position, y: node.position.y + LAYER } } : node));
}

function connect(graph: Graph, from: string, to: string): Graph {
  const type = nodeOf(graph, from)?.does.type;
  if (!type || !nodeOf(graph, to)) return graph;
  const out = graph.edges.filter((edge) => edge.from === from);
  if (out.some((edge) => edge.to === to) && type !== "condition" && type !== "loop") return graph;
  const most = mostEdges(type);
  if (most === 0) return graph;
  // Where one way leads on, a second one takes its place.
  if (most === 1 && out.length > 0) {
    return { ...graph, edges: [...graph.edges.filter((edge) => edge.from !== from), { from, to }] };
  }
  if (out.length >= most) return graph;
  const when = firstWhen(graph, from);
  return { ...graph, edges: [...graph.edges, { from, to, ...(when ? { when } : {}) }] };
}

function remove(graph: Graph, nodes: ReadonlySet<string>, edges: ReadonlySet<string>): Graph {
  if (nodes.size === 0 && edges.size === 0) return graph;
  const ids = edgeIds(graph.edges);
  const left = graph.nodes.filter((node) => !nodes.has(node.id));
  return {
    ...graph,
    nodes: left,
    edges: graph.edges.filter((edge, index) => !nodes.has(edge.from) && !nodes.has(edge.to) && !edges.has(ids[index] ?? "")),
    start: nodes.has(graph.start) ? (left[0]?.id ?? "") : graph.start,
  };
}

function rename(graph: Graph, from: string, to: string): Graph {
  if (from === to || nodeOf(graph, to) || !nodeOf(graph, from)) return graph;
  const named = (id: string) => (id === from ? to : id);
  return {
    ...graph,
    start: named(graph.start),
    nodes: graph.nodes.map((node) => (node.id === from ? { ...node, id: to } : node)),
    edges: graph.edges.map((edge) => ({ ...edge, from: named(edge.from), to: named(edge.to) })),
  };
}

/** Edges out of a condition are tried in their order: this one is put before or after its neighbour. */
function reorder(graph: Graph, id: string, by: 1 | -1): Graph {
  const index = edgeIds(graph.edges).indexOf(id);
  const edge = graph.edges[index];
  if (!edge) return graph;
  const siblings = graph.edges.flatMap((one, at) => (one.from === edge.from ? [at] : []));
  const other = siblings[siblings.indexOf(index) + by];
  const neighbour = other === undefined ? undefined : graph.edges[other];
  return neighbour && other !== undefined ? { ...graph, edges: graph.edges.with(index, neighbour).with(other, edge) } : graph;
}

/** The selected nodes and the edges between them. */
export function clipOf(graph: Graph, ids: ReadonlySet<string>): Clip {
  return {
    nodes: graph.nodes.filter((node) => ids.has(node.id)),
    edges: graph.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
  };
}

function paste(graph: Graph, clip: Clip, offset: Position, made: string[]): Graph {
  if (clip.nodes.length === 0) return graph;
  const taken = new Set(graph.nodes.map((node) => node.id));
  const names = new Map<string, string>();
  for (const node of clip.nodes) {
    const id = freeId(node.id, taken);
    taken.add(id);
    names.set(node.id, id);
    made.push(id);
  }
  const named = (id: string) => names.get(id) ?? id;
  return {
    ...graph,
    start: graph.nodes.length === 0 ? named(clip.nodes[0]?.id ?? "") : graph.start,
    nodes: [...graph.nodes, ...clip.nodes.map((node) => ({
      ...node,
      id: named(node.id),
      position: rounded({ x: (node.position?.x ?? 0) + offset.x, y: (node.position?.y ?? 0) + offset.y }),
    }))],
    edges: [...graph.edges, ...clip.edges.map((edge) => ({ ...edge, from: named(edge.from), to: named(edge.to) }))],
  };
}
