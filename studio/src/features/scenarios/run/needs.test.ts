import { expect, it } from "vitest";
import { needsJudge, needsPersonaModel } from "./needs";

const graph = (does: object, when?: object) => ({ name: "n", graph: { start: "a", max_steps: 1, nodes: [{ id: "a", does }], edges: when ? [{ from: "a", to: "a", when }] : [] } }) as never;

it("needs a model where nobody else says something", () => {
  expect(needsPersonaModel({ name: "n", script: ["Hi"] })).toBe(false);
  expect(needsPersonaModel({ name: "n" })).toBe(true);
  expect(needsPersonaModel({ name: "n", played_by: "person" })).toBe(false);
  expect(needsPersonaModel(graph({ type: "persona_turn", say: "Hi" }))).toBe(false);
  expect(needsPersonaModel(graph({ type: "persona_turn" }))).toBe(true);
  expect(needsPersonaModel(graph({ type: "converse" }))).toBe(true);
});

it("offers a judge where one is asked", () => {
  expect(needsJudge(graph({ type: "condition" }, { answer_contains: "x" }))).toBe(false);
  expect(needsJudge(graph({ type: "condition" }, { judge: "x" }))).toBe(true);
  expect(needsJudge({ name: "n", expected_outcome: "x" })).toBe(true);
});
