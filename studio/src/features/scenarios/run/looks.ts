import { duration } from "@/lib/format";
import type { EdgeLook, NodeLook } from "../editor/look";
import { edgeIds, type Graph } from "../graph/model";
import { outer, walked } from "../graph/path";
import type { Checkpoint } from "./data";
import type { Progress } from "./progress";

type Looks = [Map<string, NodeLook>, Map<string, EdgeLook>];

const edgesOf = (graph: Graph, look: (id: string) => EdgeLook) => new Map(edgeIds(graph.edges).map((id): [string, EdgeLook] => [id, look(id)]));

/** A run as it goes: what was visited, how often and how long, where it is, where it waits. */
export function looksOfProgress(progress: Progress, graph: Graph): Looks {
  const { edges } = walked(progress.path, graph);
  const nodes = new Map(graph.nodes.map(({ id }): [string, NodeLook] => {
    const node = progress.nodes.get(id);
    if (!node) return [id, { tone: "faint" }];
    const tone = node.waiting ? "waiting" : node.failed ? "failed" : node.running.size > 0 ? "running" : "visited";
    const badge = [node.visits > 1 ? `${node.visits}×` : null, node.ms === null ? null : duration(node.ms)].filter(Boolean).join(" · ");
    return [id, { tone, ...(badge ? { badge } : {}) }];
  }));
  return [nodes, edgesOf(graph, (id) => ({ tone: edges.has(id) ? "taken" : "faint" }))];
}

/** The nodes that had run when a checkpoint was made. */
export const nodesBefore = (at: string, checkpoints: readonly Checkpoint[]) =>
  checkpoints.filter((one) => one.id < at).flatMap((one) => one.tasks.map((task) => task.node)).filter((node) => node !== "__start__");

/** A run as it was at a checkpoint: what had run by then, and what was next. */
export function looksAt(at: string, checkpoints: readonly Checkpoint[], graph: Graph): Looks {
  const next = new Set(checkpoints.find((one) => one.id === at)?.next.map(outer) ?? []);
  const visited = walked(nodesBefore(at, checkpoints), graph);
  const nodes = new Map(graph.nodes.map(({ id }): [string, NodeLook] => {
    const times = visited.nodes.get(id) ?? 0;
    return [id, { tone: next.has(id) ? "waiting" : times > 0 ? "visited" : "faint", ...(times > 1 ? { badge: `${times}×` } : {}) }];
  }));
  return [nodes, edgesOf(graph, (id) => ({ tone: visited.edges.has(id) ? "taken" : "faint" }))];
}

/** Two runs at once: the steps that only one of them took stand out. */
export function looksOfComparison(
  { run, with: other }: { run: { path: readonly string[] }; with: { path: readonly string[] } },
  shared: readonly string[],
  graph: Graph,
  words: { original: string; fork: string },
): Looks {
  const [first, second] = [walked(run.path, graph), walked([...shared, ...other.path], graph)];
  const nodes = new Map(graph.nodes.map(({ id }): [string, NodeLook] => {
    const [a, b] = [first.nodes.get(id) ?? 0, second.nodes.get(id) ?? 0];
    if (a > 0 && b > 0) return [id, { tone: "visited", ...(a !== b ? { badge: `${a}× / ${b}×` } : {}) }];
    if (a > 0) return [id, { tone: "changed", badge: words.original }];
    if (b > 0) return [id, { tone: "added", badge: words.fork }];
    return [id, { tone: "faint" }];
  }));
  return [nodes, edgesOf(graph, (id) => {
    const [a, b] = [first.edges.has(id), second.edges.has(id)];
    return { tone: a && b ? "taken" : a ? "changed" : b ? "added" : "faint" };
  })];
}
