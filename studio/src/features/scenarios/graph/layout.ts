import type { ElkNode } from "elkjs/lib/elk-api";
import { type Graph, NODE_SIZE, type Position } from "./model";

/**
 * Places for all nodes: layers from above to below, the way that leads back at the side.
 *
 * The page's policy allows no worker by address (that is what Trusted Types guard), so it is computed here, which
 * takes more than half a second for the 200 nodes that a graph may have. The library is loaded when it is first needed.
 */
export async function layout(graph: Graph): Promise<Record<string, Position>> {
  const { default: Elk } = await import("elkjs/lib/elk.bundled.js");
  const ids = new Set(graph.nodes.map((node) => node.id));
  const root: ElkNode = {
    id: "",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "DOWN",
      "elk.layered.spacing.nodeNodeBetweenLayers": "64",
      "elk.spacing.nodeNode": "48",
      "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
      "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
      "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST",
    },
    children: [...graph.nodes].sort((a, b) => Number(b.id === graph.start) - Number(a.id === graph.start)).map((node) => ({ id: `n${node.id}`, ...NODE_SIZE })),
    edges: graph.edges
      .filter((edge) => ids.has(edge.from) && ids.has(edge.to) && edge.from !== edge.to)
      .map((edge, index) => ({ id: `e${index}`, sources: [`n${edge.from}`], targets: [`n${edge.to}`] })),
  };
  const placed = await new Elk().layout(root);
  return Object.fromEntries((placed.children ?? []).map((child) => [child.id.slice(1), { x: Math.round(child.x ?? 0), y: Math.round(child.y ?? 0) }]));
}

/** Places to begin with, until the layout is there. */
export const column = (graph: Graph): Record<string, Position> =>
  Object.fromEntries(graph.nodes.map((node, index) => [node.id, { x: 0, y: index * 130 }]));
