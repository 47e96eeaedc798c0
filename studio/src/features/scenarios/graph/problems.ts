import { keysOf } from "@/lib/pointer";
import { edgeIds, type Graph } from "./model";

/** What the server says is wrong, by what on the canvas it concerns. */
export interface Problems {
  /** By the id of a node. */
  nodes: ReadonlyMap<string, readonly string[]>;
  /** By the id of an edge. */
  edges: ReadonlyMap<string, readonly string[]>;
  /** What concerns the graph as a whole, with its pointer. */
  graph: readonly Problem[];
  /** What concerns the rest of the scenario. */
  rest: readonly Problem[];
  count: number;
}

/** One complaint. */
export interface Problem {
  pointer: string;
  message: string;
}

/** The pointers of a dry run begin with the field that the scenario was sent in; forms know the scenario alone. */
export const fromScenario = (fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...fields].map(([pointer, message]) => [pointer === "/scenario" ? "" : pointer.replace(/^\/scenario\//, "/"), message]));

/** Sorts complaints by the node or the edge that their pointers name. */
export function problemsOf(fields: ReadonlyMap<string, string>, graph: Graph | null | undefined): Problems {
  const nodes = new Map<string, string[]>();
  const edges = new Map<string, string[]>();
  const whole: Problem[] = [];
  const rest: Problem[] = [];
  const ids = graph ? edgeIds(graph.edges) : [];
  const push = (map: Map<string, string[]>, id: string, text: string) => map.set(id, [...(map.get(id) ?? []), text]);
  for (const [pointer, message] of fields) {
    const [first, list, at, ...path] = keysOf(pointer);
    if (first !== "graph" || !graph) {
      rest.push({ pointer, message });
      continue;
    }
    const index = Number(at);
    // What is wrong with the node as a whole is said of its id.
    const field = path.filter((key) => key !== "does").join(".");
    const text = field === "" || field === "id" ? message : `${field} ${message}`;
    const node = list === "nodes" ? graph.nodes[index]?.id : undefined;
    const edge = list === "edges" ? ids[index] : undefined;
    if (at !== undefined && node !== undefined) push(nodes, node, text);
    else if (at !== undefined && edge !== undefined) push(edges, edge, text);
    else whole.push({ pointer, message });
  }
  return { nodes, edges, graph: whole, rest, count: fields.size };
}
