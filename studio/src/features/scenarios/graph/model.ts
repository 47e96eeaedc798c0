import type { Schemas } from "@/api/client";

/** The graph of a scenario: the very JSON of the API. */
export type Graph = Schemas["ScenarioGraphInput"];
/** A node of it. */
export type GraphNode = Schemas["NodeInput"];
/** An edge of it. */
export type GraphEdge = Schemas["Edge"];
/** What a node does. */
export type Does = Schemas["NodeKindInput"];
/** The types of nodes. */
export type NodeType = Does["type"];
/** When an edge is taken. */
export type When = Schemas["When"];
/** Where a node is shown. */
export interface Position {
  x: number;
  y: number;
}

/** The size that nodes are drawn with; the layout counts on it. */
export const NODE_SIZE = { width: 232, height: 66 };

/** An edge has no name in the API: it is told by where it leads and by which of several such edges it is. */
export function edgeIds(edges: readonly GraphEdge[]): string[] {
  const seen = new Map<string, number>();
  return edges.map(({ from, to }) => {
    const pair = `${from}>${to}`;
    const n = seen.get(pair) ?? 0;
    seen.set(pair, n + 1);
    return n === 0 ? pair : `${pair}#${n}`;
  });
}

/** The node of a name. */
export const nodeOf = (graph: Graph, id: string) => graph.nodes.find((node) => node.id === id);

/** A name that no node has yet: `wait`, `wait_2`. */
export function freeId(base: string, taken: ReadonlySet<string>): string {
  const clean = base.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/_(\d+)$/, "").slice(0, 56) || "node";
  if (!taken.has(clean)) return clean;
  for (let n = 2; ; n += 1) {
    const id = `${clean}_${n}`;
    if (!taken.has(id)) return id;
  }
}

/** How many edges may lead on from a node of a type. */
export function mostEdges(type: NodeType): number {
  if (type === "end") return 0;
  if (type === "condition") return 1000;
  if (type === "parallel") return 16;
  return type === "loop" ? 2 : 1;
}

/** The name of an edge's condition. */
export const whenName = (when: When) => Object.keys(when)[0] as WhenName;
/** Names of conditions. */
export type WhenName = "answer_contains" | "answer_contains_any" | "tool_called" | "turns_at_least" | "score_below" | "sentiment" | "judge" | "expression" | "again";

/** The condition that a new edge gets, so that as few as possible are wrong the moment they are drawn. */
export function firstWhen(graph: Graph, from: string): When | undefined {
  const type = nodeOf(graph, from)?.does.type;
  const out = graph.edges.filter((edge) => edge.from === from);
  if (type === "loop") return out.some((edge) => edge.when && "again" in edge.when) ? undefined : { again: {} };
  if (type === "condition" && out.some((edge) => !edge.when)) return { answer_contains: "" };
  return undefined;
}
