import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { translate } from "@/i18n";
import { compareTexts } from "./i18n";
import { chance, findingOf, signed, wordsOf } from "./words";

const side = { mean: 0.5, pass_rate: 0.5, alone: 0, errors: 0 };
const compared = (more: Partial<Schemas["MetricComparison"]>): Schemas["MetricComparison"] => ({
  metric: "m", pairs: 100, clusters: null, baseline: side, candidate: side, difference: 0.1, standard_error: 0.02, interval: { low: 0.06, high: 0.14 }, bootstrap: null,
  p: 0.001, p_adjusted: 0.002, correlation: null, effect: null, detectable: 0.06, discordant: null, improved: 1, worsened: 0, ...more,
});
const t = translate(compareTexts);

test("a difference is told only where it can be", () => {
  expect(findingOf(compared({}), 0.95)).toBe("better");
  expect(findingOf(compared({ difference: -0.1, interval: { low: -0.14, high: -0.06 } }), 0.95)).toBe("worse");
  // In view of all metrics it is not sure any more.
  expect(findingOf(compared({ p_adjusted: 0.2 }), 0.95)).toBe("unsure");
  expect(findingOf(compared({ interval: null }), 0.95)).toBe("none");
});

test("statistics in words", () => {
  expect(wordsOf(compared({}), 0.95, t)).toBe("m is better by +0.10 (95% interval +0.06 to +0.14, p = 0.002).");
  expect(wordsOf(compared({ p_adjusted: 0.3, detectable: 1.9 }), 0.95, t)).toContain("too few to tell");
  expect(wordsOf(compared({ difference: 0, standard_error: 0, p: null, p_adjusted: null, interval: { low: 0, high: 0 } }), 0.95, t)).toContain("same result");
  expect(wordsOf(compared({ interval: null }), 0.95, t)).toContain("too few items");
});

test("signs and chances", () => {
  expect(signed(-0.1, true)).toBe("−10%");
  expect(signed(0.25, false)).toBe("+0.25");
  expect(chance(0.00001)).toBe("< 0.001");
  expect(chance(null)).toBe("–");
});
