import { expect, it } from "vitest";
import { barOf, boundsOf, matcher, matching, ticks, treeOf, visible } from "./tree";

const one = (id: string, parent_id: string | null, at: number, took = 10, more = {}) => ({
  id, parent_id, name: id, type: "SPAN" as const, level: "DEFAULT" as const, model: null, status_message: null, cost_usd: null,
  start_time: new Date(at).toISOString(), end_time: new Date(at + took).toISOString(), ...more,
});
const nodes = treeOf([one("c", "a", 30), one("a", null, 0, 100), one("b", "a", 10), one("b1", "b", 12), one("lost", "gone", 90)]);

it("puts a list in order", () => {
  expect(nodes.map((node) => `${node.id}${node.depth}${node.children}${node.descendants}`)).toEqual(["a023", "b111", "b1200", "c100", "lost000"]);
});

it("leaves out what is folded", () => {
  const ids = (folded: string[]) => visible(nodes, new Set(folded), null).map((at) => nodes[at]?.id);
  expect(ids([])).toEqual(["a", "b", "b1", "c", "lost"]);
  expect(ids(["b"])).toEqual(["a", "b", "c", "lost"]);
  expect(ids(["a"])).toEqual(["a", "lost"]);
});

it("shows what was found within what it lies in", () => {
  const found = matching(nodes, matcher("b1", ""));
  expect([...found.hits]).toEqual(["b1"]);
  expect(visible(nodes, new Set(["a"]), found.kept).map((at) => nodes[at]?.id)).toEqual(["a", "b", "b1"]);
  expect(matching(nodes, matcher("", "error")).kept.size).toBe(0);
});

it("measures", () => {
  const bounds = boundsOf(nodes);
  expect(bounds).toEqual({ start: 0, end: 100 });
  expect(barOf(nodes[3] as never, bounds)).toEqual({ left: 0.3, width: 0.1 });
  expect(boundsOf([])).toEqual({ start: 0, end: 1 });
  expect(ticks(100)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(ticks(3)).toEqual([0, 1, 2, 3]);
});

it("does not hang on what is its own parent", () => {
  expect(treeOf([one("x", "x", 0)]).map((node) => node.id)).toEqual(["x"]);
});
