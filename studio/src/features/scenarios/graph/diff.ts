import { edgeIds, type Graph, type GraphEdge, type GraphNode } from "./model";

/** What became of a node or an edge between two versions. */
export type Change = "added" | "removed" | "changed" | "same";

/** Both versions in one graph, with what became of each part. */
export interface GraphDiff {
  graph: Graph;
  nodes: ReadonlyMap<string, Change>;
  edges: ReadonlyMap<string, Change>;
  /** How many parts were added, removed and changed. */
  counts: Record<Exclude<Change, "same">, number>;
}

const EMPTY: Graph = { start: "", nodes: [], edges: [], max_steps: 100 };

/** Where a node stands says nothing of what it does. */
const meaning = ({ position: _, ...node }: GraphNode) => JSON.stringify(sorted(node));
const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(sorted)
    : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]))
      : value;

/** Compares two graphs. What was removed stays in the picture, where it was. */
export function diffGraphs(before: Graph | null | undefined, after: Graph | null | undefined): GraphDiff {
  const [old, now] = [before ?? EMPTY, after ?? EMPTY];
  const nodes = new Map<string, Change>();
  const edges = new Map<string, Change>();
  const counts = { added: 0, removed: 0, changed: 0 };
  const note = (map: Map<string, Change>, id: string, change: Change) => {
    map.set(id, change);
    if (change !== "same") counts[change] += 1;
  };
  const earlier = new Map(old.nodes.map((node) => [node.id, node]));
  for (const node of now.nodes) {
    const was = earlier.get(node.id);
    note(nodes, node.id, !was ? "added" : meaning(was) === meaning(node) ? "same" : "changed");
  }
  const gone = old.nodes.filter((node) => !nodes.has(node.id));
  for (const node of gone) note(nodes, node.id, "removed");

  const byId = (graph: Graph) => new Map(edgeIds(graph.edges).map((id, index) => [id, graph.edges[index] as GraphEdge]));
  const [oldEdges, newEdges] = [byId(old), byId(now)];
  for (const [id, edge] of newEdges) {
    const was = oldEdges.get(id);
    note(edges, id, !was ? "added" : JSON.stringify(was.when ?? null) === JSON.stringify(edge.when ?? null) ? "same" : "changed");
  }
  const lost = [...oldEdges].filter(([id]) => !newEdges.has(id));
  for (const [id] of lost) note(edges, id, "removed");
  return { graph: { ...now, nodes: [...now.nodes, ...gone], edges: [...now.edges, ...lost.map(([, edge]) => edge)] }, nodes, edges, counts };
}
