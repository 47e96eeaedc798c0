import { expect, it } from "vitest";
import { graphOf, MOST_STEPS } from "./graph";
import { treeOf } from "./tree";

const one = (id: string, parent_id: string | null, name: string, at: number) => ({
  id, parent_id, name, type: "SPAN" as const, level: "DEFAULT" as const, model: null, status_message: null, cost_usd: null,
  start_time: new Date(at).toISOString(), end_time: new Date(at + 5).toISOString(),
});

it("folds steps of one name", () => {
  const { steps, calls, cut } = graphOf(treeOf([one("r", null, "run", 0), one("a", "r", "call", 1), one("b", "r", "call", 2), one("c", "b", "tool", 3)]));
  expect(steps.map((step) => [step.name, step.ids.length, step.column, step.row, step.total_ms])).toEqual([["run", 1, 0, 0, 5], ["call", 2, 1, 0, 10], ["tool", 1, 2, 0, 5]]);
  expect(calls.map((call) => call.count)).toEqual([2, 1]);
  expect(cut).toBe(false);
});

it("does not draw without end", () => {
  const many = Array.from({ length: MOST_STEPS + 5 }, (_, at) => one(`n${at}`, null, `n${at}`, at));
  expect(graphOf(treeOf(many)).cut).toBe(true);
});
