import { useMemo } from "react";
import { SeriesChart } from "@/ui/charts";
import { endsOf, type Question, useAsk } from "./ask";
import { linesOf, type Row } from "./question";

/** The answer of a question over a named range. */
export function useSeries({ range, granularity, ...question }: Omit<Question, "from" | "to"> & { range: string }) {
  const ends = useMemo(() => endsOf(range, "", ""), [range]);
  return useAsk({ ...question, granularity: granularity ?? "auto", ...ends });
}

/** An answer over time as lines: one, or one of each value of a dimension. */
export function Series({ rows, metric, dimension = null, label, format, zero = false, height = 190 }: {
  rows: readonly Row[];
  metric: string;
  dimension?: string | null;
  label: string;
  format(value: number): string;
  /** Whether no rows mean zero. */
  zero?: boolean;
  height?: number;
}) {
  const { times, lines } = useMemo(() => linesOf(rows, dimension, metric, label, zero), [rows, dimension, metric, label, zero]);
  return <SeriesChart label={label} times={times} series={lines} format={format} height={height} />;
}
