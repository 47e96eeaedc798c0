import { describe, expect, test } from "vitest";
import type { Outcome } from "./data";
import { errorsOf, figuresOf, meanOf, shareOf, student, wilson, worstOf } from "./stats";

const run = (item: string, status: Outcome["status"], score: number | null, more: Partial<Outcome> = {}): Outcome => ({
  item_key: item, status, run_id: `${item} ${Math.random()}`, repetition: 0, trace_id: "", turns: 1,
  scores: [{ name: "m", kind: "contains", status: score === null ? "error" : score >= 0.5 ? "passed" : "failed", score, threshold: 0.5, reason: "why", version: 1 }],
  ...more,
});

test("Student's quantile", () => {
  // R: qt(0.975, c(1, 2, 5, 10, 30, 1000))
  for (const [degrees, value] of [[1, 12.7062], [2, 4.3027], [5, 2.5706], [10, 2.2281], [30, 2.0423], [1000, 1.9623]] as const) {
    expect(student(degrees)).toBeCloseTo(value, 2);
  }
});

test("Wilson's interval", () => {
  // statsmodels: proportion_confint(28, 34, method="wilson")
  const found = wilson(28 / 34, 34);
  expect(found?.low).toBeCloseTo(0.6649, 3);
  expect(found?.high).toBeCloseTo(0.9165, 3);
  expect(wilson(0, 10)?.low).toBe(0);
  expect(wilson(1, 10)?.high).toBe(1);
  expect(wilson(0.5, 0)).toBeNull();
});

describe("repetitions of an item", () => {
  const values = ["a", "b", "c", "d"].flatMap((cluster, index) => [1, 2, 3].map(() => ({ cluster, value: index % 2 })));
  test("say no more than items do", () => {
    const [many, few] = [shareOf(values), shareOf(values.filter((_, index) => index % 3 === 0))];
    expect(many?.value).toBe(0.5);
    expect((many?.range?.high ?? 1) - (many?.range?.low ?? 0)).toBeGreaterThan(0.6);
    expect(few?.value).toBe(0.5);
  });
  test("of one item alone have no interval", () => {
    expect(meanOf([{ cluster: "a", value: 1 }, { cluster: "a", value: 0 }])).toEqual({ value: 0.5, range: null });
  });
});

test("errors are counted and are no scores", () => {
  const [whole, metric] = figuresOf([run("a", "passed", 1), run("b", "failed", 0), run("c", "error", null)]);
  expect(whole).toMatchObject({ name: null, passed: 1, failed: 1, error: 1, passRate: 0.5 });
  expect(metric).toMatchObject({ name: "m", passed: 1, failed: 1, error: 1, mean: 0.5, threshold: 0.5 });
  expect(metric?.histogram[0]).toBe(1);
  expect(metric?.histogram[19]).toBe(1);
});

test("nothing scored is no value", () => {
  expect(figuresOf([run("a", "queued", null, { scores: [] })])[0]).toMatchObject({ passRate: null, mean: null, passRange: null });
});

test("the same errors stand together, the most frequent first", () => {
  const broken = { error: { kind: "target_timeout" as const, message: "too slow" }, scores: [] };
  expect(errorsOf([run("a", "error", null), run("b", "error", null, broken), run("c", "error", null, broken)]).map(({ what, runs }) => [what, runs.length]))
    .toEqual([["target_timeout", 2], ["m", 1]]);
});

test("the worst items come once each, with how often they failed", () => {
  const found = worstOf([run("a", "failed", 0.4), run("a", "passed", 1), run("b", "failed", 0), run("c", "passed", 1)], 5);
  expect(found.map((one) => [one.run.item_key, one.failed, one.runs])).toEqual([["b", 1, 1], ["a", 1, 2]]);
});
