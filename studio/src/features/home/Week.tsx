import { useQuery } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { compact, cost, duration } from "@/lib/format";
import { SeriesChart } from "@/ui/charts";
import { ErrorState, Loading } from "@/ui/states";
import { homeTexts } from "./i18n";

const DAY_MS = 86_400_000;
type Analysis = Schemas["Analysis"];
type Row = Record<string, string | number | null>;

/** The last seven days, up to the hour, so that the question stays the same while the page is open. */
function span(): { from: string; to: string } {
  const to = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  return { from: new Date(to - 7 * DAY_MS).toISOString(), to: new Date(to).toISOString() };
}

const METRICS = [
  { measure: "count", aggregation: "count" },
  { measure: "latency", aggregation: "p50" },
  { measure: "totalCost", aggregation: "sum" },
] as unknown as Analysis["metrics"];

const useAnalysis = (key: string, granularity: "hour" | null) => {
  const { from, to } = span();
  return useQuery({
    queryKey: ["analytics", key, from, to],
    queryFn: async () =>
      (await unwrap(api.POST("/api/v1/analytics", { body: { view: "traces", metrics: METRICS, from, to, granularity } as never }))).data as unknown as Row[],
  });
};

/** The traces of the last seven days in figures, and by the hour. */
export function Week() {
  const t = useText(homeTexts);
  const all = useAnalysis("week", null);
  const hours = useAnalysis("hours", "hour");
  const error = all.error ?? hours.error;
  if (error) return <ErrorState error={error} onRetry={() => { void all.refetch(); void hours.refetch(); }} />;
  if (!all.data || !hours.data) return <Loading rows={4} />;
  const figures = all.data[0] ?? {};
  const count = Number(figures.count_count ?? 0);
  const value = (name: string) => (count === 0 || figures[name] == null ? null : Number(figures[name]));
  return (
    <section aria-labelledby="week" className="grid gap-2">
      <h2 id="week" className="font-semibold">{t("days")}</h2>
      <div className="card grid overflow-hidden md:grid-cols-[14rem_minmax(0,1fr)]">
        <dl className="grid grid-cols-3 divide-line border-line md:grid-cols-1 md:divide-y md:border-r">
          {[[t("traces"), compact(count)], [t("latency"), duration(value("p50_latency"))], [t("cost"), cost(value("sum_totalCost"))]].map(([name, text]) => (
            <div key={name} className="px-4 py-3"><dt className="label">{name}</dt><dd className="text-2xl font-semibold tracking-tight tabular-nums">{text}</dd></div>
          ))}
        </dl>
        <div className="p-3">
          {count === 0 ? <p className="p-6 text-sm text-muted">{t("noTraces")}</p> : <Hours rows={hours.data} label={t("tracesOverTime")} name={t("traces")} />}
        </div>
      </div>
    </section>
  );
}

function Hours({ rows, label, name }: { rows: Row[]; label: string; name: string }) {
  return (
    <SeriesChart
      label={label}
      times={rows.map((row) => Date.parse(String(row.time_dimension)) / 1000)}
      series={[{ label: name, values: rows.map((row) => Number(row.count_count ?? 0)) }]}
      format={compact}
      height={190}
    />
  );
}
