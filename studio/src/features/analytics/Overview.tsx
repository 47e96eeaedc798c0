import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useText } from "@/i18n";
import { compact, cost, duration, percent, score } from "@/lib/format";
import { before } from "@/lib/time-range";
import { useUrlState } from "@/lib/url-state";
import { Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { ErrorState } from "@/ui/states";
import { type Answered, useAsk } from "./ask";
import { Figure } from "./Figure";
import { analyticsTexts } from "./i18n";
import { instantsOf, linesOf, type Metric, nameOf, numberOf } from "./question";
import { SeriesChart } from "@/ui/charts";

type T = ReturnType<typeof useText<typeof analyticsTexts["en"]>>;

/** What charts can be split by, under the names that each view has for it. */
const SPLITS = {
  environment: { traces: "environment", scores: "environment" },
  name: { traces: "name", scores: "traceName" },
  // Models belong to calls: split by them, the charts are about calls.
  model: { traces: "providedModelName", scores: "observationModelName", observed: true },
  release: { traces: "release", scores: "traceRelease" },
  version: { traces: "version", scores: "traceVersion" },
  tags: { traces: "tags", scores: "tags" },
  user: { traces: "userId", scores: "userId" },
} as const;
type Split = keyof typeof SPLITS;

const METRICS: Metric[] = [
  { measure: "count", aggregation: "count" }, { measure: "failed", aggregation: "avg" }, { measure: "latency", aggregation: "p50" },
  { measure: "latency", aggregation: "p95" }, { measure: "totalCost", aggregation: "sum" }, { measure: "totalTokens", aggregation: "sum" },
];
const MEAN: Metric[] = [{ measure: "value", aggregation: "avg" }, { measure: "count", aggregation: "count" }];

/** Quality, cost, latency and volume over time, split by what somebody wants to compare. */
export function Overview({ ends, granularity }: { ends: { from: string; to: string }; granularity: string }) {
  const t = useText(analyticsTexts);
  const [{ by, score: chosen }, set] = useUrlState({ by: "", score: "" });
  const split = by in SPLITS ? SPLITS[by as Split] : null;
  const observed = split !== null && "observed" in split;
  const view = observed ? "observations" : "traces";
  const filter = observed ? [{ type: "string", column: "type", operator: "=", value: "GENERATION" }] : [];
  const dimensions = split ? [split.traces] : [];
  const lines = useAsk({ view, metrics: METRICS, dimensions, filter, granularity, ...ends, limit: 10_000 });
  const now = useAsk({ view: "traces", metrics: METRICS, ...ends });
  const was = useAsk({ view: "traces", metrics: METRICS, ...before(ends) });
  const names = useAsk({ view: "scores-numeric", metrics: MEAN, dimensions: ["name"], ...ends, limit: 50, order_by: [{ field: "count_count", direction: "desc" }] });
  const scoreFilter = chosen ? [{ type: "string", column: "name", operator: "=", value: chosen }] : [];
  const scoreDimension = split && chosen ? split.scores : "name";
  const quality = useAsk({ view: "scores-numeric", metrics: MEAN, dimensions: [scoreDimension], filter: scoreFilter, granularity, ...ends, limit: 10_000 });
  const qualityNow = useAsk({ view: "scores-numeric", metrics: MEAN, ...ends });
  const qualityWas = useAsk({ view: "scores-numeric", metrics: MEAN, ...before(ends) });
  const error = lines.error ?? now.error ?? quality.error;
  if (error) return <ErrorState error={error} onRetry={() => { void lines.refetch(); void now.refetch(); void quality.refetch(); }} />;
  const value = (answer: typeof now, metric: Metric | undefined) => (metric ? numberOf(answer.data?.rows[0], nameOf(metric)) : null);
  const counted = (answer: typeof now) => value(answer, METRICS[0]) ?? 0;
  const figure = (at: number) => ({ now: counted(now) > 0 || at === 0 ? value(now, METRICS[at]) : null, was: counted(was) > 0 || at === 0 ? value(was, METRICS[at]) : null });
  const chart = (title: string, at: number, format: (value: number) => string, zero: boolean) => (
    <Chart t={t} title={title} answer={lines.data} ends={ends} dimension={split?.traces ?? null} metric={nameOf(METRICS[at] as Metric)} format={format} zero={zero} />
  );
  return (
    <div className="grid gap-4">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
        <Figure name={t("volume")} {...figure(0)} format={compact} />
        <Figure name={t("errors")} {...figure(1)} format={(n) => percent(n, 1)} good="less" />
        <Figure name={t("p50")} {...figure(2)} format={duration} good="less" />
        <Figure name={t("p95")} {...figure(3)} format={duration} good="less" />
        <Figure name={t("cost")} {...figure(4)} format={cost} good="less" />
        <Figure name={t("quality")} now={value(qualityNow, MEAN[0])} was={value(qualityWas, MEAN[0])} format={score} good="more" />
      </dl>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <span className="text-muted">{t("splitBy")}</span>
        <Select aria-label={t("splitBy")} className="w-40" value={by} onChange={(event) => set({ by: event.target.value })}>
          <option value="">{t("nothing")}</option>
          {(Object.keys(SPLITS) as Split[]).map((one) => <option key={one} value={one}>{t(one)}</option>)}
        </Select>
      </div>
      <div className="grid gap-4 lg:grid-cols-2 [&>*]:min-w-0">
        <Section
          title={t("quality")}
          actions={(
            <Select aria-label={t("score")} className="w-44" value={chosen} onChange={(event) => set({ score: event.target.value })}>
              <option value="">{t("allScores")}</option>
              {[...new Set([...(chosen ? [chosen] : []), ...(names.data?.rows ?? []).map((row) => String(row.name))])].map((one) => <option key={one} value={one}>{one}</option>)}
            </Select>
          )}
        >
          {quality.data && quality.data.rows.length === 0
            ? <p className="py-8 text-sm text-muted">{t("noScores")} <Link to="/evaluation-rules" className="text-accent underline">{t("makeRule")}</Link></p>
            : <Lines t={t} answer={quality.data} ends={ends} dimension={scoreDimension} metric="avg_value" label={t("quality")} format={score} zero={false} />}
        </Section>
        {chart(t(observed ? "calls" : "volume"), 0, compact, true)}
        {chart(t("p95"), 3, duration, false)}
        {chart(t("cost"), 4, cost, true)}
        {chart(t("errors"), 1, (n) => percent(n, 1), false)}
        {chart(t("tokens"), 5, compact, true)}
      </div>
    </div>
  );
}

interface LinesProps {
  t: T;
  answer: Answered | undefined;
  ends: { from: string; to: string };
  dimension: string | null;
  metric: string;
  format(value: number): string;
  zero: boolean;
}

const Chart = ({ title, ...rest }: LinesProps & { title: string }) => <Section title={title}><Lines label={title} {...rest} /></Section>;

function Lines({ t, answer, ends, dimension, metric, label, format, zero }: LinesProps & { label: string }) {
  const drawn = useMemo(() => (answer ? linesOf(answer.rows, dimension, metric, t("whole"), zero, instantsOf(answer.rows, answer.granularity, ends)) : null), [answer, ends, dimension, metric, t, zero]);
  // A function that is made anew each time would draw the chart anew each time.
  const fixed = useMemo(() => format, [metric]);
  if (!drawn) return <div className="h-[190px] animate-pulse rounded-md bg-sunken" />;
  if (drawn.lines.every((line) => line.values.every((value) => value === null || (zero && value === 0)))) return <p className="py-8 text-sm text-muted">{t("empty")}</p>;
  return (
    <div>
      <SeriesChart label={label} times={drawn.times} series={drawn.lines} format={fixed} height={190} />
      {drawn.left > 0 && <p className="pt-1 text-xs text-muted">{t("left", { n: drawn.left })}</p>}
    </div>
  );
}
