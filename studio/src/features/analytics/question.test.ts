import { expect, it } from "vitest";
import { change, instantsOf, linesOf, MOST_LINES } from "./question";

const row = (at: string, model: string | null, n: number | null) => ({ time_dimension: `2026-11-0${at}T00:00:00Z`, model, sum_n: n });

it("draws a line of each value, the heaviest first", () => {
  const { times, lines } = linesOf([row("1", "a", 1), row("2", "b", 5), row("2", "a", 2), row("1", null, 1)], "model", "sum_n", "all", true);
  expect(times).toHaveLength(2);
  expect(lines).toEqual([{ label: "b", values: [0, 5] }, { label: "a", values: [1, 2] }, { label: "(–)", values: [1, 0] }]);
});

it("leaves gaps where nothing is known", () => {
  expect(linesOf([row("1", "a", null), row("2", "a", 2), row("2", "b", 1)], "model", "sum_n", "all", false).lines)
    .toEqual([{ label: "a", values: [null, 2] }, { label: "b", values: [null, 1] }]);
});

it("does not draw more than can be told apart", () => {
  const many = Array.from({ length: 9 }, (_, n) => row("1", `m${n}`, n));
  const { lines, left } = linesOf(many, "model", "sum_n", "all", true);
  expect([lines.length, left, lines[0]?.label]).toEqual([MOST_LINES, 3, "m8"]);
});

it("tells changes", () => {
  expect([change(3, 2), change(1, 2), change(1, 0), change(null, 1)]).toEqual([0.5, -0.5, null, null]);
});

it("fills in the instants at which nothing happened", () => {
  const ends = { from: "2026-11-01T00:00:00Z", to: "2026-11-01T05:00:00Z" };
  const rows = [{ time_dimension: "2026-11-01T02:00:00Z", n: 1 }];
  const every = instantsOf(rows, "hour", ends);
  expect(every.map((at) => at.slice(11, 13))).toEqual(["00", "01", "02", "03", "04"]);
  expect(linesOf(rows, null, "n", "all", true, every).lines[0]?.values).toEqual([0, 0, 1, 0, 0]);
  expect(instantsOf(rows, "day", ends)).toHaveLength(1);
  expect(instantsOf([], "day", ends)).toEqual([]);
});
