import { describe, expect, it } from "vitest";
import { edgeIds, type Graph } from "./model";
import { beginning, clipOf, type Edit, reduce } from "./reducer";

const graph: Graph = {
  start: "ask",
  max_steps: 100,
  nodes: [
    { id: "ask", does: { type: "persona_turn", say: "Hi" }, position: { x: 0, y: 0 } },
    { id: "answer", does: { type: "target_call" }, position: { x: 0, y: 100 } },
    { id: "done", does: { type: "end" }, position: { x: 0, y: 200 } },
  ],
  edges: [{ from: "ask", to: "answer" }, { from: "answer", to: "done" }],
};
const after = (...edits: (Edit | { do: "undo" } | { do: "redo" })[]) => edits.reduce(reduce, beginning(graph));
const pairs = (one: Graph) => one.edges.map((edge) => `${edge.from}>${edge.to}`);

describe("adding", () => {
  it("puts a node into the way that leads on from the selected one", () => {
    const { present, made } = after({ do: "add", does: { type: "wait", seconds: 1 }, at: { x: 1.4, y: 2 }, after: "ask" });
    expect(made).toEqual(["wait"]);
    expect(pairs(present)).toEqual(["ask>wait", "answer>done", "wait>answer"]);
    expect(present.nodes.at(-1)?.position).toEqual({ x: 1, y: 2 });
  });
  it("moves what follows out of the way of what is put between", () => {
    const { present } = after({ do: "add", does: { type: "wait", seconds: 1 }, at: { x: 0, y: 100 }, after: "ask" });
    expect(present.nodes.map((node) => node.position?.y)).toEqual([0, 230, 330, 100]);
  });
  it("never gives a name twice", () => {
    const add: Edit = { do: "add", does: { type: "condition" }, at: { x: 0, y: 0 } };
    expect(after(add, add, add).present.nodes.map((node) => node.id).slice(3)).toEqual(["condition", "condition_2", "condition_3"]);
  });
  it("leads to an end without cutting the way", () => {
    const { present } = after({ do: "add", does: { type: "end" }, at: { x: 0, y: 0 }, after: "answer" });
    expect(pairs(present)).toEqual(["ask>answer", "answer>end"]);
  });
});

describe("connecting", () => {
  it("gives a condition one way for all else, and a question to the others", () => {
    const { present } = after(
      { do: "add", does: { type: "condition" }, at: { x: 0, y: 0 }, after: "answer" },
      { do: "connect", from: "condition", to: "ask" },
    );
    expect(present.edges.filter((edge) => edge.from === "condition")).toEqual([
      { from: "condition", to: "done" }, { from: "condition", to: "ask", when: { answer_contains: "" } },
    ]);
  });
  it("marks the first way out of a loop as the one that comes back", () => {
    const { present } = after(
      { do: "add", does: { type: "loop", times: 3 }, at: { x: 0, y: 0 } },
      { do: "connect", from: "loop", to: "ask" }, { do: "connect", from: "loop", to: "done" }, { do: "connect", from: "loop", to: "answer" },
    );
    expect(present.edges.slice(2)).toEqual([{ from: "loop", to: "ask", when: { again: {} } }, { from: "loop", to: "done" }]);
  });
  it("replaces the only way on, and lets none out of an end", () => {
    expect(pairs(after({ do: "connect", from: "ask", to: "done" }).present)).toEqual(["answer>done", "ask>done"]);
    expect(after({ do: "connect", from: "done", to: "ask" }).past).toEqual([]);
  });
  it("drops a condition with the node that it belonged to", () => {
    const state = after({ do: "set", pointer: "/edges/0/when", value: { judge: "x" } }, { do: "reconnect", edge: "ask>answer", from: "answer", to: "ask" });
    expect(state.present.edges[0]).toEqual({ from: "answer", to: "ask" });
  });
});

describe("deleting", () => {
  it("takes the edges of a node with it, and moves the start", () => {
    const { present } = after({ do: "delete", nodes: ["ask"], edges: [] });
    expect([present.start, pairs(present)]).toEqual(["answer", ["answer>done"]]);
  });
  it("takes one of two edges between the same nodes", () => {
    const twice = { ...graph, edges: [...graph.edges, { from: "ask", to: "answer", when: { judge: "x" } }] };
    expect(edgeIds(twice.edges)).toEqual(["ask>answer", "answer>done", "ask>answer#1"]);
    expect(reduce(beginning(twice), { do: "delete", nodes: [], edges: ["ask>answer"] }).present.edges[1]).toHaveProperty("when");
  });
});

describe("undo and redo", () => {
  it("go back and forth, and a new edit forgets what was undone", () => {
    const moved = after({ do: "move", positions: { ask: { x: 5, y: 5 } } }, { do: "undo" });
    expect(moved.present).toBe(graph);
    expect(reduce(moved, { do: "redo" }).present.nodes[0]?.position).toEqual({ x: 5, y: 5 });
    expect(reduce(moved, { do: "delete", nodes: ["done"], edges: [] }).future).toEqual([]);
    expect(after({ do: "undo" }, { do: "redo" }).present).toBe(graph);
  });
  it("take what was typed into one field as one step", () => {
    const state = after(
      { do: "set", pointer: "/nodes/0/does/say", value: "H" }, { do: "set", pointer: "/nodes/0/does/say", value: "He" },
      { do: "set", pointer: "/nodes/0/label", value: "L" }, { do: "undo" }, { do: "undo" },
    );
    expect([state.present, state.past.length]).toEqual([graph, 0]);
  });
  it("know nothing of what changes nothing", () => {
    expect(after({ do: "move", positions: { ask: { x: 0, y: 0 } } }, { do: "replace", graph: structuredClone(graph) }, { do: "rename", from: "ask", to: "done" }).past).toEqual([]);
  });
});

it("pastes with new names and the edges between", () => {
  const clip = clipOf(graph, new Set(["ask", "answer"]));
  const { present, made } = after({ do: "paste", clip, offset: { x: 40, y: 40 } });
  expect(made).toEqual(["ask_2", "answer_2"]);
  expect(pairs(present).slice(2)).toEqual(["ask_2>answer_2"]);
  expect(present.nodes[3]).toEqual({ id: "ask_2", does: { type: "persona_turn", say: "Hi" }, position: { x: 40, y: 40 } });
});

it("renames wherever a name stands", () => {
  const { present } = after({ do: "rename", from: "ask", to: "begin" });
  expect([present.start, pairs(present), present.nodes[0]?.id]).toEqual(["begin", ["begin>answer", "answer>done"], "begin"]);
});

it("changes the order in which a condition tries its edges", () => {
  const two = { ...graph, edges: [{ from: "ask", to: "answer" }, { from: "answer", to: "done" }, { from: "ask", to: "done" }] };
  const { present } = reduce(beginning(two), { do: "order", edge: "ask>done", by: -1 });
  expect(pairs(present)).toEqual(["ask>done", "answer>done", "ask>answer"]);
  expect(reduce(beginning(two), { do: "order", edge: "ask>answer", by: -1 }).past).toEqual([]);
});
