import type { Question } from "@/features/analytics/ask";
import { nameOf } from "@/features/analytics/question";
import { cost, duration, number, percent, score } from "@/lib/format";
import type { Alert } from "./kind";

type Measure = Alert["measure"];

/** The aggregations of alerts under the names of aggregates; a share that passes is shown by the mean. */
const AGGREGATIONS: Record<string, string> = { mean: "avg", pass_rate: "avg", p50: "p50", p95: "p95", p99: "p99", sum: "sum", count: "count" };
const MEASURES: Record<Exclude<Measure["type"], "score">, string> = { latency: "latency", cost: "totalCost", error_rate: "failed" };

/** A number of what is watched, with its unit. */
export function formatOf(measure: Measure, aggregation: string): (value: number) => string {
  if (aggregation === "count") return (value) => number(value);
  if (measure.type === "latency") return duration;
  if (measure.type === "cost") return cost;
  if (measure.type === "error_rate" && aggregation !== "sum") return (value) => percent(value, 1);
  return aggregation === "pass_rate" ? (value) => percent(value, 1) : score;
}

/** What an alert looks at, as a question over time. */
export function questionOf({ measure, condition, filter, window_minutes }: Pick<Alert, "measure" | "condition" | "filter" | "window_minutes">, now: number): { question: Question; metric: string } {
  const aggregation = condition.type === "threshold" ? AGGREGATIONS[condition.aggregation] ?? "avg" : "avg";
  const isScore = measure.type === "score";
  const metric = { measure: aggregation === "count" ? "count" : isScore ? "value" : MEASURES[measure.type], aggregation };
  // A dozen windows at least, so that one sees what is usual.
  const length = Math.max(24 * 60, window_minutes * 12) * 60_000;
  const to = Math.ceil(now / 300_000) * 300_000;
  return {
    metric: nameOf(metric),
    question: {
      view: isScore ? "scores-numeric" : "traces", metrics: [metric],
      filter: [...(isScore ? [{ type: "string", column: "name", operator: "=", value: measure.name }] : []), ...(filter ?? [])],
      from: new Date(to - length).toISOString(), to: new Date(to).toISOString(), granularity: "auto",
    },
  };
}
