import { expect, it } from "vitest";
import { worse } from "./worse";

const trace = (name: string, failed: number, p95: number, cost: number | null, n = 20) => ({ name, count_count: n, avg_failed: failed, p95_latency: p95, avg_totalCost: cost });
const score = (name: string, value: number, n = 20) => ({ name, count_count: n, avg_value: value });

it("finds what got worse, the most first", () => {
  const found = worse(
    { now: [trace("chat", 0.2, 2000, 0.01), trace("mail", 0, 900, 0.02)], was: [trace("chat", 0, 1900, 0.01), trace("mail", 0, 890, 0.01)] },
    { now: [score("tone", 0.6), score("facts", 0.9)], was: [score("tone", 0.9), score("facts", 0.8)] },
  );
  expect(found.map(({ what, name }) => `${what} ${name}`)).toEqual(["errors chat", "score tone", "cost mail"]);
});

it("says nothing of few, of new, and of what is the same", () => {
  expect(worse({ now: [trace("few", 1, 9000, 1, 2), trace("new", 1, 1, 1), trace("same", 0.1, 100, null)], was: [trace("few", 0, 1, 0, 2), trace("same", 0.1, 100, null)] }, { now: [], was: [] })).toEqual([]);
  expect(worse({ now: [trace("quick", 0, 3, null)], was: [trace("quick", 0, 1, null)] }, { now: [], was: [] })).toEqual([]);
});
