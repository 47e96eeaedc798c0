import { expect, it } from "vitest";
import { walked } from "./path";

const graph = {
  start: "a", max_steps: 9,
  nodes: ["a", "b", "c", "d"].map((id) => ({ id, does: { type: "target_call" as const } })),
  edges: [{ from: "a", to: "b" }, { from: "b", to: "a" }, { from: "b", to: "c" }, { from: "a", to: "d" }, { from: "d", to: "c" }],
};

it("counts visits of nodes and edges, round and round", () => {
  const { nodes, edges } = walked(["a", "b", "a", "b", "c"], graph);
  expect(Object.fromEntries(nodes)).toEqual({ a: 2, b: 2, c: 1 });
  expect(Object.fromEntries(edges)).toEqual({ "a>b": 2, "b>a": 1, "b>c": 1 });
});

it("finds the ways of branches that run beside each other", () => {
  const { edges } = walked(["a", "b", "d", "c"], graph);
  expect(Object.fromEntries(edges)).toEqual({ "a>b": 1, "a>d": 1, "d>c": 1 });
});

it("takes what is played within a node for one visit of it, and knows no others", () => {
  expect(Object.fromEntries(walked(["a", "b", "b/x", "b:target", "end:evaluate", "c"], graph).nodes)).toEqual({ a: 1, b: 1, c: 1 });
});
