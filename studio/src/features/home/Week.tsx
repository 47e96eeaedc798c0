import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { before } from "@/lib/time-range";
import { endsOf, useAsk } from "@/features/analytics/ask";
import { Figure } from "@/features/analytics/Figure";
import { linesOf, type Metric, numberOf, type Row } from "@/features/analytics/question";
import { useText } from "@/i18n";
import { compact, cost, duration, percent, score } from "@/lib/format";
import { SeriesChart } from "@/ui/charts";
import { ErrorState, Loading } from "@/ui/states";
import { homeTexts } from "./i18n";

type Asked = ReturnType<typeof useAsk>;

const METRICS: Metric[] = [
  { measure: "count", aggregation: "count" }, { measure: "failed", aggregation: "avg" }, { measure: "latency", aggregation: "p95" }, { measure: "totalCost", aggregation: "sum" },
];
const MEAN: Metric[] = [{ measure: "value", aggregation: "avg" }];

/** Quality, cost, latency and volume of the last seven days, against the seven before; each as soon as it is known, since sums over many traces take a while. */
export function Week() {
  const t = useText(homeTexts);
  const ends = useMemo(() => endsOf("7d", "", ""), []);
  const earlier = useMemo(() => before(ends), [ends]);
  const now = useAsk({ view: "traces", metrics: METRICS, ...ends });
  const was = useAsk({ view: "traces", metrics: METRICS, ...earlier });
  const meanNow = useAsk({ view: "scores-numeric", metrics: MEAN, ...ends });
  const meanWas = useAsk({ view: "scores-numeric", metrics: MEAN, ...earlier });
  const hours = useAsk({ view: "traces", metrics: [METRICS[0] as Metric], granularity: "hour", ...ends });
  const days = useAsk({ view: "traces", metrics: METRICS, granularity: "day", ...ends });
  const means = useAsk({ view: "scores-numeric", metrics: MEAN, granularity: "day", ...ends });
  const error = now.error ?? hours.error ?? days.error;
  const of = (answer: Asked, name: string) => numberOf(answer.data?.rows[0], name);
  const count = of(now, "count_count") ?? 0;
  // No traces have no error rate and cost nothing that could be told.
  const known = (answer: Asked, name: string) => ((of(answer, "count_count") ?? 0) > 0 ? of(answer, name) : null);
  return (
    <section aria-labelledby="week" className="grid gap-3">
      <header className="flex items-baseline justify-between gap-3">
        <h2 id="week" className="font-semibold">{t("days")}</h2>
        <Link to="/analytics" className="text-sm text-accent hover:underline">{t("more")}</Link>
      </header>
      {error ? <ErrorState error={error} onRetry={() => { void now.refetch(); void hours.refetch(); void days.refetch(); }} />
        : !now.data || meanNow.isPending ? <Loading rows={3} />
        : <>
          <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-5">
            <Figure name={t("quality")} now={of(meanNow, "avg_value")} was={of(meanWas, "avg_value")} format={score} good="more" />
            <Figure name={t("errors")} now={known(now, "avg_failed")} was={known(was, "avg_failed")} format={rate} good="less" />
            <Figure name={t("latency")} now={known(now, "p95_latency")} was={known(was, "p95_latency")} format={duration} good="less" />
            <Figure name={t("cost")} now={known(now, "sum_totalCost")} was={known(was, "sum_totalCost")} format={cost} good="less" />
            <Figure name={t("traces")} now={count} was={of(was, "count_count")} format={compact} />
          </dl>
          {count === 0 ? <p className="card p-6 text-sm text-muted">{t("noTraces")}</p> : (
            <div className="grid gap-3 md:grid-cols-2 [&>*]:min-w-0">
              <Chart title={t("tracesOverTime")} rows={hours.data?.rows} metric="count_count" format={compact} zero />
              <Chart title={t("qualityOverTime")} rows={means.error ? [] : means.data?.rows} metric="avg_value" format={score} />
              <Chart title={t("latencyOverTime")} rows={days.data?.rows} metric="p95_latency" format={duration} />
              <Chart title={t("costOverTime")} rows={days.data?.rows} metric="sum_totalCost" format={cost} zero />
            </div>
          )}
        </>}
    </section>
  );
}

const rate = (value: number) => percent(value, 1);

function Chart({ title, rows, metric, format, zero = false }: { title: string; rows: readonly Row[] | undefined; metric: string; format(value: number): string; zero?: boolean }) {
  const { times, lines } = useMemo(() => linesOf(rows ?? [], null, metric, title, zero), [rows, metric, title, zero]);
  return (
    <figure className="card grid gap-1 p-3">
      <figcaption className="label">{title}</figcaption>
      {rows === undefined ? <div className="h-32.5"><Loading rows={3} /></div> : <SeriesChart label={title} times={times} series={lines} format={format} height={130} />}
    </figure>
  );
}
