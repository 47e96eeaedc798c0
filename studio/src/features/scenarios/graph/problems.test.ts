import { expect, it } from "vitest";
import { fromScenario, problemsOf } from "./problems";

const graph = {
  start: "a", max_steps: 9,
  nodes: [{ id: "a", does: { type: "start" as const } }, { id: "b", does: { type: "end" as const } }],
  edges: [{ from: "a", to: "b" }, { from: "a", to: "b" }],
};

it("leads complaints to the node or the edge that they name", () => {
  const found = problemsOf(new Map([
    ["/graph/nodes/1/id", "leads to no end"], ["/graph/nodes/1/does/say", "is required"], ["/graph/nodes/1/does/metrics/0/params", "is no object"],
    ["/graph/edges/1/to", "is no node of the graph"], ["/graph/start", "is no node of the graph"], ["/graph/nodes/7/id", "is odd"], ["/goal", "is required"],
  ]), graph);
  expect(found.nodes.get("b")).toEqual(["leads to no end", "say is required", "metrics.0.params is no object"]);
  expect(found.edges.get("a>b#1")).toEqual(["to is no node of the graph"]);
  expect(found.graph.map((one) => one.pointer)).toEqual(["/graph/start", "/graph/nodes/7/id"]);
  expect(found.rest).toEqual([{ pointer: "/goal", message: "is required" }]);
  expect(found.count).toBe(7);
});

it("takes all for the form's where there is no graph", () => {
  expect(problemsOf(new Map([["/graph", "x"]]), null).rest).toHaveLength(1);
});

it("reads the pointers of a dry run as those of the scenario", () => {
  expect([...fromScenario(new Map([["/scenario/goal", "a"], ["/scenario", "b"], ["/assumptions/ways", "c"]])).keys()]).toEqual(["/goal", "", "/assumptions/ways"]);
});
