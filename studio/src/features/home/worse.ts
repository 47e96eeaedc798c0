import { change, type Metric, nameOf, numberOf, type Row } from "@/features/analytics/question";

/** Something that is worse than it was. */
export interface Worse {
  what: "score" | "errors" | "latency" | "cost";
  /** The score's name, or the trace's. */
  name: string;
  now: number;
  was: number;
  samples: number;
  /** By how much, so that different things can be ordered: 1 is what one notices. */
  weight: number;
}

/** Fewer values than these, in either week, say nothing. */
const LEAST = 5;

/** What is asked of traces by name. */
export const TRACE_METRICS: readonly Metric[] = [
  { measure: "count", aggregation: "count" }, { measure: "failed", aggregation: "avg" }, { measure: "latency", aggregation: "p95" }, { measure: "totalCost", aggregation: "avg" },
];
/** What is asked of scores by name. */
export const SCORE_METRICS: readonly Metric[] = [{ measure: "count", aggregation: "count" }, { measure: "value", aggregation: "avg" }];

/** How much of a change is one that a person would want to know of. */
const RULES: { what: Exclude<Worse["what"], "score">; metric: string; weigh(now: number, was: number): number }[] = [
  // Percentage points: from none to some is much, whatever the ratio.
  { what: "errors", metric: nameOf({ measure: "failed", aggregation: "avg" }), weigh: (now, was) => (now - was) / 0.03 },
  { what: "latency", metric: nameOf({ measure: "latency", aggregation: "p95" }), weigh: (now, was) => (now - was < 50 ? 0 : (change(now, was) ?? 0) / 0.25) },
  { what: "cost", metric: nameOf({ measure: "totalCost", aggregation: "avg" }), weigh: (now, was) => (change(now, was) ?? 0) / 0.25 },
];

const COUNT = "count_count";
const byName = (rows: readonly Row[]) => new Map(rows.filter((row) => row.name !== null && row.name !== "").map((row) => [String(row.name), row]));

/** What of this week is worse than last week, the most first. Scores are taken to be better the more they are. */
export function worse(traces: { now: readonly Row[]; was: readonly Row[] }, scores: { now: readonly Row[]; was: readonly Row[] }): Worse[] {
  const found: Worse[] = [];
  const compare = ({ now, was }: { now: readonly Row[]; was: readonly Row[] }, look: (name: string, now: Row, was: Row, samples: number) => void) => {
    const before = byName(was);
    for (const [name, row] of byName(now)) {
      const old = before.get(name);
      const samples = numberOf(row, COUNT) ?? 0;
      if (old && samples >= LEAST && (numberOf(old, COUNT) ?? 0) >= LEAST) look(name, row, old, samples);
    }
  };
  compare(traces, (name, now, was, samples) => {
    for (const { what, metric, weigh } of RULES) {
      const [a, b] = [numberOf(now, metric), numberOf(was, metric)];
      if (a !== null && b !== null && weigh(a, b) >= 1) found.push({ what, name, now: a, was: b, samples, weight: weigh(a, b) });
    }
  });
  compare(scores, (name, now, was, samples) => {
    const [a, b] = [numberOf(now, "avg_value"), numberOf(was, "avg_value")];
    const weight = a !== null && b !== null ? -(change(a, b) ?? 0) / 0.05 : 0;
    if (a !== null && b !== null && weight >= 1) found.push({ what: "score", name, now: a, was: b, samples, weight });
  });
  return found.sort((a, b) => b.weight - a.weight);
}
