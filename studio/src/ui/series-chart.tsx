import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useSeenTheme } from "@/app/theme";
import { dateTime, tick } from "@/lib/format";

/** Series that share their instants. */
export interface SeriesChartProps {
  /** What it shows, for those who cannot see it. */
  label: string;
  /** Seconds since 1970. */
  times: readonly number[];
  series: readonly { label: string; values: readonly (number | null)[]; color?: string }[];
  format?(value: number): string;
  height?: number;
}

/** Seconds. */
const DAY = 86_400;
/** Over several days hours alone would say nothing: labels are days. */
const stepsOf = (times: readonly number[]) => ((times.at(-1) ?? 0) - (times[0] ?? 0) > 2 * DAY ? { incrs: [1, 2, 4, 7, 14, 28, 91, 182, 364].map((days) => days * DAY) } : {});

// The library's own style sheet is in no layer, so that it would win without `!`.
const LEGEND = [
  "[&_.uplot]:!font-sans [&_.u-legend]:!m-0 [&_.u-legend]:!text-left [&_.u-legend]:!text-xs [&_.u-legend]:text-muted [&_.u-legend_th]:!font-normal",
  "[&_.u-legend_th]:after:!content-none [&_.u-label]:max-w-48 [&_.u-label]:truncate [&_.u-marker]:!size-2.5 [&_.u-value]:font-medium [&_.u-value]:text-ink [&_.u-value]:tabular-nums",
].join(" ");

const COLOURS = ["--accent", "--copper", "--info", "--warn", "--good", "--bad"];

/** Draws by canvas, so that a hundred thousand points stay smooth. */
export default function SeriesChart({ label, times, series, format = String, height = 180 }: SeriesChartProps) {
  const host = useRef<HTMLDivElement>(null);
  // A canvas does not follow the colours of the page by itself.
  const seen = useSeenTheme();
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: `11px ${style.fontFamily}` };
    const chart = new uPlot({
      width: element.clientWidth,
      height,
      legend: { show: true, markers: { width: 2 } },
      padding: [8, 24, 0, 0],
      cursor: { points: { size: 6 } },
      series: [{ label: "\u00a0", value: (_: uPlot, at: number | null) => (at == null ? "" : dateTime(at * 1000)) }, ...series.map((one, index) => {
        const stroke = colour(one.color ?? COLOURS[index % COLOURS.length] ?? "--accent");
        return { label: one.label, stroke, width: 1.75, spanGaps: false, value: (_: uPlot, value: number | null) => (value == null ? "–" : format(value)) };
      })],
      axes: [{ ...axis, ...stepsOf(times), size: 26, space: 64, values: (_: uPlot, ticks: number[], _axis: number, _space: number, step: number) => ticks.map((at) => tick(at * 1000, step * 1000)) }, { ...axis, size: 56, values: (_: uPlot, ticks: number[]) => ticks.map(format) }],
    }, [times as number[], ...series.map((one) => one.values as (number | null)[])], element);
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [times, series, format, height, seen]);
  return <div ref={host} role="img" aria-label={label} className={LEGEND} />;
}
