import { expect, it } from "vitest";
import { formatOf, questionOf } from "./watched";

const base = { window_minutes: 60, filter: [] };

it("asks for what an alert looks at", () => {
  const score = questionOf({ ...base, measure: { type: "score", name: "tone" }, condition: { type: "threshold", aggregation: "p95", comparison: "below", value: 1, pass_at: 0.5 } } as never, 0);
  expect([score.metric, score.question.view, score.question.filter]).toEqual(["p95_value", "scores-numeric", [{ type: "string", column: "name", operator: "=", value: "tone" }]]);
  const errors = questionOf({ ...base, measure: { type: "error_rate" }, condition: { type: "change_point", reference_minutes: 60 } } as never, 0);
  expect([errors.metric, errors.question.from]).toEqual(["avg_failed", "1969-12-31T00:00:00.000Z"]);
});

it("writes values with their unit", () => {
  expect([formatOf({ type: "latency" }, "p95")(1500), formatOf({ type: "error_rate" }, "mean")(0.05), formatOf({ type: "cost" }, "count")(3), formatOf({ type: "score", name: "x" }, "mean")(0.5)])
    .toEqual(["1.5 s", "5%", "3", "0.50"]);
});
