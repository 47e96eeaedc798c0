import type { Outcome, Result } from "./data";

/** Both ends of an interval. */
export interface Range {
  low: number;
  high: number;
}

/** What the runs say of one metric, or of whole runs where `name` is null. */
export interface Figures {
  name: string | null;
  kind: string | null;
  threshold: number | null;
  passed: number;
  failed: number;
  error: number;
  skipped: number;
  mean: number | null;
  meanRange: Range | null;
  passRate: number | null;
  passRange: Range | null;
  /** Scores in 20 bins from 0 to 1. */
  histogram: number[];
  judgeCost: number | null;
}

/** 97.5% of a normal distribution lies below. */
const NORMAL = 1.959964;

/** The same of Student's distribution with so many degrees of freedom (Hill's expansion; exact for one and two). */
export function student(degrees: number): number {
  if (degrees <= 1) return 12.706205;
  if (degrees <= 2) return 4.302653;
  const z = NORMAL;
  const n = degrees;
  return z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2)
    + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
    + (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * n ** 4);
}

/** Wilson's interval of a share of so many items, which need not be whole. */
export function wilson(share: number, items: number, quantile: number = NORMAL): Range | null {
  if (items <= 0 || share < 0 || share > 1) return null;
  const square = quantile ** 2 / items;
  const centre = (share + square / 2) / (1 + square);
  const half = (quantile * Math.sqrt((share * (1 - share)) / items + square / (4 * items))) / (1 + square);
  return { low: share === 0 ? 0 : Math.max(0, centre - half), high: share === 1 ? 1 : Math.min(1, centre + half) };
}

interface Value {
  cluster: string;
  value: number;
}

/** Mean, its standard error by items, and how many degrees of freedom that has. */
function estimate(values: readonly Value[]): { mean: number; error: number | null; clusters: number } | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, one) => sum + one.value, 0) / values.length;
  const off = new Map<string, number>();
  for (const { cluster, value } of values) off.set(cluster, (off.get(cluster) ?? 0) + value - mean);
  const clusters = off.size;
  if (clusters < 2) return { mean, error: null, clusters };
  const squares = [...off.values()].reduce((sum, one) => sum + one ** 2, 0);
  return { mean, error: Math.sqrt((clusters / (clusters - 1)) * squares) / values.length, clusters };
}

/** A mean of scores with Student's interval; repetitions of an item count as one. */
export function meanOf(values: readonly Value[]): { value: number; range: Range | null } | null {
  const found = estimate(values);
  if (!found) return null;
  const half = found.error === null ? null : student(found.clusters - 1) * found.error;
  return { value: found.mean, range: half === null ? null : { low: Math.max(0, found.mean - half), high: Math.min(1, found.mean + half) } };
}

/** A share with Wilson's interval. Repeated items count as many as have the same standard error (Korn and Graubard). */
export function shareOf(values: readonly Value[]): { value: number; range: Range | null } | null {
  const found = estimate(values);
  if (!found) return null;
  const { mean, error, clusters } = found;
  if (clusters === values.length) return { value: mean, range: wilson(mean, values.length) };
  if (error === null) return { value: mean, range: null };
  const alike = error > 0 ? Math.min((mean * (1 - mean)) / error ** 2, values.length) : values.length;
  return { value: mean, range: wilson(mean, alike, student(clusters - 1)) };
}

const BINS = 20;

/** The figures of whole runs, then of each metric in the order in which they are met. Errors are counted, and are no scores. */
export function figuresOf(runs: readonly Outcome[]): Figures[] {
  const names = new Map<string | null, { cluster: string; result: Pick<Result, "status" | "score"> & Partial<Result> }[]>([[null, []]]);
  for (const run of runs) {
    const cluster = `${run.item_key} ${run.persona_id ?? ""}`;
    if (run.status === "passed" || run.status === "failed" || run.status === "error") {
      names.get(null)?.push({ cluster, result: { status: run.status, score: run.status === "error" ? null : run.status === "passed" ? 1 : 0 } });
    }
    for (const result of run.scores) {
      const list = names.get(result.name) ?? [];
      if (list.length === 0) names.set(result.name, list);
      list.push({ cluster, result });
    }
  }
  return [...names].map(([name, list]) => {
    const count = (status: Result["status"]) => list.filter((one) => one.result.status === status).length;
    const scored = list.filter((one) => one.result.score !== null);
    const mean = meanOf(scored.map(({ cluster, result }) => ({ cluster, value: result.score ?? 0 })));
    const share = shareOf(scored.map(({ cluster, result }) => ({ cluster, value: result.status === "passed" ? 1 : 0 })));
    const histogram = Array.from({ length: BINS }, () => 0);
    for (const { result } of scored) {
      const bin = Math.min(BINS - 1, Math.floor((result.score ?? 0) * BINS));
      histogram[bin] = (histogram[bin] ?? 0) + 1;
    }
    const thresholds = new Set(list.map((one) => one.result.threshold));
    const costs = list.map((one) => one.result.cost_usd).filter((one) => one != null);
    return {
      name,
      kind: list[0]?.result.kind ?? null,
      threshold: thresholds.size === 1 ? list[0]?.result.threshold ?? null : null,
      passed: count("passed"), failed: count("failed"), error: count("error"), skipped: count("skipped"),
      mean: mean?.value ?? null, meanRange: mean?.range ?? null,
      passRate: share?.value ?? null, passRange: share?.range ?? null,
      histogram,
      judgeCost: costs.length > 0 ? costs.reduce((sum, one) => sum + one, 0) : null,
    };
  });
}

/** What the agents and the judges of these runs cost, as far as it is known. */
export function costOf(runs: readonly Outcome[]): { agents: number | null; judges: number | null; known: number } {
  const agents = runs.map((run) => run.cost_usd).filter((one) => one != null);
  const judges = runs.flatMap((run) => run.scores.map((one) => one.cost_usd)).filter((one) => one != null);
  const sum = (list: readonly number[]) => (list.length === 0 ? null : list.reduce((total, one) => total + one, 0));
  return { agents: sum(agents), judges: sum(judges), known: agents.length };
}

/** The same errors together, the most frequent first. */
export function errorsOf(runs: readonly Outcome[]): { what: string; message: string; runs: string[] }[] {
  const found = new Map<string, { what: string; message: string; runs: string[] }>();
  const add = (what: string, message: string, id: string) => {
    const key = `${what} ${message}`;
    const one = found.get(key) ?? { what, message, runs: [] };
    if (one.runs.length === 0) found.set(key, one);
    one.runs.push(id);
  };
  for (const run of runs) {
    if (run.error) add(run.error.kind, run.error.message, run.run_id);
    for (const score of run.scores) if (score.status === "error") add(score.name, score.reason, run.run_id);
  }
  return [...found.values()].sort((a, b) => b.runs.length - a.runs.length);
}

/** An item that failed: its worst run, and how many of its runs failed. */
export interface Worst {
  run: Outcome;
  failed: number;
  runs: number;
}

/** Items that failed, those first whose worst run failed most metrics and fell furthest below. */
export function worstOf(runs: readonly Outcome[], most: number): Worst[] {
  const fell = (run: Outcome) => Math.max(0, ...run.scores.map((one) => (one.score === null ? 0 : one.threshold - one.score)));
  const failed = (run: Outcome) => run.scores.filter((one) => one.status === "failed").length;
  const worse = (a: Outcome, b: Outcome) => failed(b) - failed(a) || fell(b) - fell(a);
  const items = new Map<string, Worst>();
  for (const run of runs) {
    const key = `${run.item_key} ${run.persona_id ?? ""}`;
    const known = items.get(key);
    const bad = run.status === "failed" ? 1 : 0;
    if (!known) items.set(key, { run, failed: bad, runs: 1 });
    else items.set(key, { run: bad && (known.run.status !== "failed" || worse(run, known.run) < 0) ? run : known.run, failed: known.failed + bad, runs: known.runs + 1 });
  }
  return [...items.values()].filter((one) => one.failed > 0).sort((a, b) => worse(a.run, b.run)).slice(0, most);
}
