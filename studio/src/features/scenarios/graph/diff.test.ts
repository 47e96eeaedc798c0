import { expect, it } from "vitest";
import { diffGraphs } from "./diff";
import type { Graph } from "./model";

const before: Graph = {
  start: "a", max_steps: 9,
  nodes: [{ id: "a", does: { type: "start" } }, { id: "b", does: { type: "wait", seconds: 1 } }, { id: "c", does: { type: "end" } }],
  edges: [{ from: "a", to: "b" }, { from: "b", to: "c" }],
};

it("says what became of nodes and edges, and keeps what was removed", () => {
  const after: Graph = {
    ...before,
    nodes: [{ id: "a", does: { type: "start" }, position: { x: 1, y: 2 } }, { id: "c", does: { type: "end", result: "passed" } }, { id: "d", does: { type: "condition" } }],
    edges: [{ from: "a", to: "d" }, { from: "d", to: "c" }],
  };
  const diff = diffGraphs(before, after);
  expect(Object.fromEntries(diff.nodes)).toEqual({ a: "same", c: "changed", d: "added", b: "removed" });
  expect(Object.fromEntries(diff.edges)).toEqual({ "a>d": "added", "d>c": "added", "a>b": "removed", "b>c": "removed" });
  expect(diff.graph.nodes.map((node) => node.id)).toEqual(["a", "c", "d", "b"]);
  expect(diff.counts).toEqual({ added: 3, removed: 3, changed: 1 });
});

it("takes a changed condition for a change, and no graph for an empty one", () => {
  const after = { ...before, edges: [{ from: "a", to: "b", when: { judge: "x" } }, { from: "b", to: "c" }] };
  expect(diffGraphs(before, after).edges.get("a>b")).toBe("changed");
  expect(diffGraphs(null, before).counts.added).toBe(5);
});
