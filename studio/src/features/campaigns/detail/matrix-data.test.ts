import { expect, test } from "vitest";
import type { Outcome } from "../data";
import { allPassed, MatrixBuilder, matrixOf, stateOf } from "./matrix-data";

const outcome = (item: string, agent: string, status: Outcome["status"], scores: [string, number][] = []): Outcome => ({
  item_key: item, agent_id: agent, agent_version: 1, status, run_id: `${item}${agent}${Math.random()}`, repetition: 0, trace_id: "", turns: 1,
  scores: scores.map(([name, score]) => ({ name, kind: "x", version: 1, status: score >= 0.5 ? "passed" : "failed", score, threshold: 0.5, reason: "" })),
});

test("items by agents and metrics", () => {
  const { rows, columns } = matrixOf([
    outcome("a", "one", "passed", [["m", 1]]), outcome("a", "two", "failed", [["m", 0], ["n", 1]]), outcome("a", "one", "failed", [["m", 0]]), outcome("b", "one", "queued"),
  ]);
  expect(columns.map(({ agent, metric }) => [agent, metric])).toEqual([["one", null], ["one", "m"], ["two", null], ["two", "m"], ["two", "n"]]);
  const cell = rows[0]?.cells.get(columns[1]?.key ?? "");
  expect(cell).toMatchObject({ sum: 1, scored: 2, passed: 1, failed: 1 });
  expect(cell && stateOf(cell)).toBe("failed");
  expect(rows.map(allPassed)).toEqual([false, false]);
  const waiting = rows[1]?.cells.get(columns[0]?.key ?? "");
  expect(waiting && stateOf(waiting)).toBe("queued");
});

test("runs that are added as they come make the same matrix", () => {
  const runs = [outcome("a", "one", "passed", [["m", 1]]), outcome("b", "one", "failed", [["n", 0]]), outcome("a", "two", "passed", [["m", 1]]), outcome("b", "one", "passed", [["m", 1]])];
  const builder = new MatrixBuilder();
  for (const run of runs.slice(0, 2)) builder.add(run);
  expect(builder.matrix().columns.map(({ metric }) => metric)).toEqual([null, "m", "n"]);
  for (const run of runs.slice(2)) builder.add(run);
  expect(builder.matrix()).toEqual(matrixOf(runs));
});

test("a hundred thousand cells are put together in an instant", () => {
  const metrics = Array.from({ length: 9 }, (_, index): [string, number] => [`m${index}`, 1]);
  const runs = Array.from({ length: 10_000 }, (_, index) => outcome(`item ${index}`, "one", "passed", metrics));
  const before = performance.now();
  const { rows, columns } = matrixOf(runs);
  expect(rows.length * columns.length).toBe(100_000);
  expect(performance.now() - before).toBeLessThan(1500);
});
