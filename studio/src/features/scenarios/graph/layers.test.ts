import { expect, test } from "vitest";
import { layered } from "./layers";
import { type Graph, NODE_SIZE } from "./model";

const graphOf = (edges: [string, string][], more: string[] = []): Graph => {
  const ids = [...new Set([...edges.flat(), ...more])];
  return { start: ids[0] ?? "", nodes: ids.map((id) => ({ id, does: { type: "end" } })), edges: edges.map(([from, to]) => ({ from, to })) } as unknown as Graph;
};

const rounds = Array.from({ length: 39 }, (_, n): [string, string][] => [[`a${n}`, `c${n}`], [`c${n}`, `l${n}`], [`c${n}`, `r${n}`], [`l${n}`, `m${n}`], [`r${n}`, `m${n}`], [`m${n}`, n === 38 ? "end" : `a${n + 1}`]]).flat();

test("ways lead down, and what branches stands beside each other", () => {
  const at = layered(graphOf([["a", "b"], ["a", "c"], ["b", "d"], ["c", "d"], ["d", "a"]]));
  expect(at.a?.y).toBe(0);
  expect(at.b?.y).toBe(at.c?.y);
  expect(at.d?.y).toBeGreaterThan(at.b?.y ?? 0);
  expect(Math.abs((at.b?.x ?? 0) - (at.c?.x ?? 0))).toBeGreaterThan(NODE_SIZE.width);
  expect(at.a?.x).toBe(((at.b?.x ?? 0) + (at.c?.x ?? 0)) / 2);
});

test("every node has a place, none covers another", () => {
  const wide: [string, string][] = Array.from({ length: 30 }, (_, n) => ["root", `leaf${n}`]);
  for (const graph of [graphOf(rounds, ["alone", "too"]), graphOf(wide), graphOf([["a", "a"], ["a", "gone"]])]) {
    const places = Object.values(layered(graph));
    expect(places.length).toBe(graph.nodes.length);
    for (const [n, one] of places.entries()) {
      for (const other of places.slice(n + 1)) expect(Math.abs(one.x - other.x) >= NODE_SIZE.width || Math.abs(one.y - other.y) >= NODE_SIZE.height).toBe(true);
    }
  }
});

test("two hundred nodes take an instant", () => {
  const graph = graphOf(rounds);
  const before = performance.now();
  layered(graph);
  expect(performance.now() - before).toBeLessThan(200);
});
