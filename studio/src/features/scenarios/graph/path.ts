import { edgeIds, type Graph } from "./model";

/**
 * The node of the graph that a run's step belongs to: what is played within a node (`talk/ask` of another scenario, `talk:target` of a
 * conversation) counts for it. What the engine adds of its own, `end:evaluate`, belongs to none.
 */
export function outer(node: string): string {
  const first = node.split("/")[0] ?? node;
  return first.startsWith("end:") ? first : (first.split(":")[0] ?? first);
}

/** How often each node and each edge lies on a path of nodes, in the order of their visits. */
export function walked(path: readonly string[], graph: Graph): { nodes: Map<string, number>; edges: Map<string, number> } {
  const known = new Set(graph.nodes.map((node) => node.id));
  const nodes = new Map<string, number>();
  const edges = new Map<string, number>();
  const ids = edgeIds(graph.edges);
  const add = (map: Map<string, number>, id: string) => map.set(id, (map.get(id) ?? 0) + 1);
  let before: string | null = null;
  for (const name of path) {
    const id = outer(name);
    if (!known.has(id)) continue;
    // Steps within a scenario that is played here are one visit.
    if (name !== id && id === before) continue;
    add(nodes, id);
    // Branches run beside each other: the node that led here need not be the one before, so any visited one with a way here counts.
    const ways = graph.edges.flatMap((edge, index) => (edge.to === id && nodes.has(edge.from) && (edge.from !== id || before === id) ? [{ edge, id: ids[index] ?? "" }] : []));
    const direct = ways.find(({ edge }) => edge.from === before);
    const led = direct ? [direct] : ways;
    for (const way of led) add(edges, way.id);
    before = id;
  }
  return { nodes, edges };
}
