/** A row of an answer: dimensions, `time_dimension`, metrics. */
export type Row = Record<string, string | number | null>;

/** A metric of a question. */
export interface Metric {
  measure: string;
  aggregation: string;
}

/** What an answer calls a metric. */
export const nameOf = ({ measure, aggregation }: Metric) => `${aggregation}_${measure}`;

/** A number of a row; nothing where there is none. */
export const numberOf = (row: Row | undefined, name: string): number | null => {
  const value = row?.[name];
  return value === null || value === undefined || value === "" || !Number.isFinite(Number(value)) ? null : Number(value);
};

/** One line of a chart. */
export interface Line {
  label: string;
  values: (number | null)[];
}

/** What has no value of a dimension. */
export const NONE = "(–)";

/** As many lines can be told apart. */
export const MOST_LINES = 6;

const FIXED_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000 };

/**
 * All instants at which a line may have a value: an answer that is split has rows only where there was something, and a line from
 * one day to another three days on would tell of days that were not so.
 */
export function instantsOf(rows: readonly Row[], granularity: string | null, ends: { from: string; to: string }): string[] {
  const known = rows.map((row) => Date.parse(String(row.time_dimension)));
  const first = known[0];
  if (first === undefined || granularity === null) return [];
  const step = (at: number, by: number) => {
    const fixed = FIXED_MS[granularity];
    if (fixed) return at + by * fixed;
    // Days of a place are not all as long.
    const when = new Date(at);
    if (granularity === "month") when.setMonth(when.getMonth() + by);
    else when.setDate(when.getDate() + by * (granularity === "week" ? 7 : 1));
    return when.getTime();
  };
  const all = new Set(known);
  const [from, to] = [Date.parse(ends.from), Date.parse(ends.to)];
  for (let n = 1, at = step(first, -1); at >= from && n < MOST_INSTANTS; n += 1, at = step(first, -n)) all.add(at);
  for (let n = 1, at = step(first, 1); at < to && n < MOST_INSTANTS; n += 1, at = step(first, n)) all.add(at);
  return [...all].sort((a, b) => a - b).map((at) => new Date(at).toISOString());
}

/** As many are made; a line of more is as dense as it can be drawn. */
const MOST_INSTANTS = 3000;

/**
 * Lines over time of an answer whose rows have a dimension: one of each value, those with the largest sums. Instants at which a
 * line has no row stay empty, or are zero where the metric counts.
 */
export function linesOf(rows: readonly Row[], dimension: string | null, metric: string, whole: string, zero: boolean, every: readonly string[] = []): { times: number[]; lines: Line[]; left: number } {
  const instants = [...new Set([...every, ...rows.map((row) => String(row.time_dimension))].map((at) => Date.parse(at)))].sort((a, b) => a - b);
  const places = new Map(instants.map((at, place) => [at, place]));
  const lines = new Map<string, { values: (number | null)[]; weight: number }>();
  for (const row of rows) {
    const label = dimension === null ? whole : row[dimension] === null || row[dimension] === "" ? NONE : String(row[dimension]);
    let line = lines.get(label);
    if (!line) {
      line = { values: instants.map(() => (zero ? 0 : null)), weight: 0 };
      lines.set(label, line);
    }
    const value = numberOf(row, metric);
    line.values[places.get(Date.parse(String(row.time_dimension))) ?? 0] = value ?? (zero ? 0 : null);
    line.weight += zero ? value ?? 0 : 1;
  }
  const sorted = [...lines].sort(([, a], [, b]) => b.weight - a.weight);
  return {
    times: instants.map((at) => at / 1000),
    lines: sorted.slice(0, MOST_LINES).map(([label, { values }]) => ({ label, values })),
    left: Math.max(0, sorted.length - MOST_LINES),
  };
}

/** How a value has changed, as a share of what it was; nothing where that says nothing. */
export const change = (now: number | null, was: number | null): number | null =>
  now === null || was === null || was === 0 ? null : (now - was) / Math.abs(was);
