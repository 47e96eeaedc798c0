import { expect, it } from "vitest";
import type { Checkpoint } from "./data";
import { looksAt, looksOfComparison } from "./looks";

const graph = {
  start: "a", max_steps: 9,
  nodes: ["a", "b", "c"].map((id) => ({ id, does: { type: "target_call" as const } })),
  edges: [{ from: "a", to: "b" }, { from: "b", to: "a" }, { from: "b", to: "c" }],
};
const checkpoint = (id: string, next: string) => ({ id, next: [next], tasks: [{ id, node: next, questions: [] }], metadata: {}, parent: null, source: null, step: 0 }) as unknown as Checkpoint;

it("shows a run as it was at a checkpoint", () => {
  const all = [checkpoint("0", "__start__"), checkpoint("1", "a"), checkpoint("2", "b"), checkpoint("3", "a"), checkpoint("4", "b")];
  const [nodes, edges] = looksAt("4", all, graph);
  expect(nodes.get("a")).toEqual({ tone: "visited", badge: "2×" });
  expect(nodes.get("b")).toEqual({ tone: "waiting" });
  expect(nodes.get("c")).toEqual({ tone: "faint" });
  expect(edges.get("b>a")?.tone).toBe("taken");
});

it("tells steps of one run alone from those of both", () => {
  const [nodes, edges] = looksOfComparison({ run: { path: ["a", "b", "a"] }, with: { path: ["b", "c"] } }, [], graph, { original: "O", fork: "F" });
  expect(nodes.get("a")).toEqual({ tone: "changed", badge: "O" });
  expect(nodes.get("b")).toEqual({ tone: "visited" });
  expect(nodes.get("c")).toEqual({ tone: "added", badge: "F" });
  expect(edges.get("b>c")?.tone).toBe("added");
  const [shared] = looksOfComparison({ run: { path: ["a", "b", "a"] }, with: { path: ["b", "c"] } }, ["a"], graph, { original: "O", fork: "F" });
  expect(shared.get("a")).toEqual({ tone: "visited", badge: "2× / 1×" });
});
