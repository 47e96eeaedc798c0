import { expect, it } from "vitest";
import { graphOfScript } from "./ScriptForm";

it("makes a chain of turns of a script", () => {
  const spec = graphOfScript({ name: "n", script: ["Hi", "Bye"], goal: "g" });
  expect(spec.script).toBeUndefined();
  expect(spec.goal).toBe("g");
  expect(spec.graph?.nodes.map((node) => node.id)).toEqual(["begin", "ask_1", "answer_1", "ask_2", "answer_2", "done"]);
  expect(spec.graph?.edges.map((edge) => `${edge.from}>${edge.to}`)).toEqual(["begin>ask_1", "ask_1>answer_1", "answer_1>ask_2", "ask_2>answer_2", "answer_2>done"]);
});

it("lets a persona talk where there is no script", () => {
  expect(graphOfScript({ name: "n", opening: "Hi" }).graph?.nodes.map((node) => node.does.type)).toEqual(["start", "persona_turn", "target_call", "converse", "end"]);
});
