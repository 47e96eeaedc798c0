import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, unwrap } from "@/api/client";
import { type FilterColumn, SCORE_COLUMNS, TRACE_COLUMNS, TYPES } from "@/features/traces/columns";
import { further } from "@/features/traces/conditions";
import { FilterEditor } from "@/features/traces/FilterEditor";
import { useText } from "@/i18n";
import { cost, dateTime, duration, NOTHING, number } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { SeriesChart, SmallChart } from "@/ui/charts";
import { type Column, DataTable } from "@/ui/data-table";
import { Field, FieldErrors } from "@/ui/field";
import { ApiError } from "@/api/error";
import { Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { useAsk } from "./ask";
import { analyticsTexts } from "./i18n";
import { named, nameTexts } from "./names";
import { instantsOf, linesOf, numberOf, type Row } from "./question";

const VIEWS = ["traces", "observations", "scores-numeric", "scores-categorical"] as const;
type View = (typeof VIEWS)[number];

const OBSERVATION_COLUMNS: readonly FilterColumn[] = [
  { column: "type", type: "stringOptions", label: "observationType", values: TYPES },
  { column: "name", type: "string", label: "observationName" },
  { column: "model", type: "stringOptions", label: "model" },
  { column: "level", type: "stringOptions", label: "level", values: ["DEBUG", "DEFAULT", "WARNING", "ERROR"] },
  { column: "environment", type: "stringOptions", label: "environment" },
  { column: "traceName", type: "string", label: "traceName" },
  { column: "userId", type: "string", label: "user" },
  { column: "promptName", type: "stringOptions", label: "prompt" },
  { column: "latency", type: "number", label: "latencySeconds" },
  { column: "metadata", type: "stringObject", label: "metadata" },
];

/** A question of one's own: any measure of any view, by up to two dimensions, over time or in all. */
export function Explore({ ends, granularity }: { ends: { from: string; to: string }; granularity: string }) {
  const t = useText(analyticsTexts);
  const names = useText(nameTexts);
  const [state, set] = useUrlState({ view: "traces", measure: "latency", aggregation: "p95", dimension: "", second: "", time: "1", filter: "" });
  const view: View = VIEWS.find((one) => one === state.view) ?? "traces";
  const catalogue = useQuery({ queryKey: ["analytics", "catalogue"], queryFn: async () => (await unwrap(api.GET("/api/v1/analytics"))).data, staleTime: Infinity });
  const shape = catalogue.data?.find((one) => one.view === view);
  const measure = shape?.measures.find((one) => one.name === state.measure) ?? shape?.measures[0];
  const aggregations = (measure?.aggregations ?? []).filter((one) => one !== "histogram");
  const aggregation = aggregations.includes(state.aggregation) ? state.aggregation : aggregations[0] ?? "count";
  const dimensions = [state.dimension, state.second].filter((one, at, all) => shape?.dimensions.some((other) => other.name === one) && all.indexOf(one) === at);
  const overTime = state.time === "1";
  const metric = `${aggregation}_${measure?.name ?? "count"}`;
  const conditions = further(state.filter);
  const answer = useAsk({
    view, metrics: [{ measure: measure?.name ?? "count", aggregation }], dimensions, filter: conditions, ...ends, granularity: overTime ? granularity : null, limit: overTime ? 5000 : 200,
    ...(overTime ? {} : { order_by: [{ field: metric, direction: "desc" as const }] }),
  }, shape !== undefined);
  const format = useMemo(() => formatOf(measure?.unit ?? ""), [measure?.unit]);
  const title = [named(names, measure?.name ?? "count"), ...(aggregation === "count" ? [] : [named(names, aggregation)])].join(", ");
  const columns = useMemo<Column<Row>[]>(() => [
    ...(overTime ? [{ id: "time", header: t("time"), width: 190, cell: (row: Row) => dateTime(row.time_dimension as string) }] : []),
    ...dimensions.map((name, at) => ({ id: name, header: named(names, name), grow: at === 0, width: 200, cell: (row: Row) => row[name] ?? NOTHING })),
    { id: "value", header: title, width: 180, align: "end" as const, ...(dimensions.length === 0 ? { grow: true } : {}), cell: (row: Row) => { const value = numberOf(row, metric); return value === null ? NOTHING : format(value); } },
  ], [t, overTime, dimensions.join(), title, metric, format, names]);
  if (catalogue.error) return <ErrorState error={catalogue.error} onRetry={() => void catalogue.refetch()} />;
  if (!shape) return <Loading />;
  const fields = answer.error instanceof ApiError ? answer.error.fields : new Map<string, string>();
  const rows = answer.data?.rows ?? [];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <FieldErrors value={fields}>
        <section className="card grid gap-3 p-4">
          <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-6">
            <Field label={t("view")} pointer="/view"><Select value={view} onChange={(event) => set({ view: event.target.value, measure: "", aggregation: "", dimension: "", second: "", filter: "" })}>{VIEWS.map((one) => <option key={one} value={one}>{t(one)}</option>)}</Select></Field>
            <Field label={t("measure")} pointer="/metrics"><Select value={measure?.name} title={measure?.description} onChange={(event) => set({ measure: event.target.value })}>{shape.measures.map((one) => <option key={one.name} value={one.name} title={one.description}>{named(names, one.name)}</option>)}</Select></Field>
            <Field label={t("aggregation")}><Select value={aggregation} onChange={(event) => set({ aggregation: event.target.value })}>{aggregations.map((one) => <option key={one} value={one}>{named(names, one)}</option>)}</Select></Field>
            <Field label={t("dimension")} pointer="/dimensions"><DimensionSelect value={state.dimension} names={shape.dimensions} none={t("none")} onChange={(dimension) => set({ dimension })} /></Field>
            <Field label={t("second")}><DimensionSelect value={state.second} names={shape.dimensions} none={t("none")} onChange={(second) => set({ second })} /></Field>
            <Field label={t("time")} pointer="/granularity"><Select value={state.time} onChange={(event) => set({ time: event.target.value })}><option value="1">{t("overTime")}</option><option value="0">{t("total")}</option></Select></Field>
          </div>
          <details open={conditions.length > 0}>
            <summary className="mb-2 text-sm font-medium">{t("filter")}</summary>
            <FilterEditor value={conditions} columns={view === "traces" ? TRACE_COLUMNS : view === "observations" ? OBSERVATION_COLUMNS : SCORE_COLUMNS} onChange={(next) => set({ filter: next.length > 0 ? JSON.stringify(next) : "" })} />
          </details>
        </section>
      </FieldErrors>
      {answer.error && fields.size === 0 ? <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
        : answer.isPending ? <Loading />
        : rows.length === 0 ? <div className="card"><Empty title={t("empty")} /></div>
        : <>
          <Section title={title}>
            {overTime
              ? <Lines rows={rows} every={instantsOf(rows, answer.data?.granularity ?? null, ends)} dimensions={dimensions} metric={metric} label={title} format={format} zero={aggregation === "count" || aggregation === "sum"} whole={t("whole")} left={(n) => t("left", { n })} />
              : <SmallChart label={title} data={rows.slice(0, 20).map((row) => ({ name: dimensions.map((one) => row[one] ?? NOTHING).join(" · ") || t("whole"), value: numberOf(row, metric) }))} format={format} height={240} />}
          </Section>
          {answer.data?.truncated && <p className="text-xs text-muted">{t("truncated")}</p>}
          <DataTable name={`analytics.${view}`} label={t("table")} rows={rows} columns={columns} rowId={(row) => JSON.stringify([row.time_dimension, ...dimensions.map((one) => row[one])])} />
        </>}
    </div>
  );
}

function DimensionSelect({ value, names, none, onChange, ...control }: { value: string; names: readonly { name: string; description: string }[]; none: string; onChange(value: string): void; id?: string }) {
  const t = useText(nameTexts);
  return (
    <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{none}</option>
      {names.map((one) => <option key={one.name} value={one.name} title={one.description}>{named(t, one.name)}</option>)}
    </Select>
  );
}

function Lines({ rows, every, dimensions, metric, label, format, zero, whole, left }: { rows: readonly Row[]; every: readonly string[]; dimensions: readonly string[]; metric: string; label: string; format(value: number): string; zero: boolean; whole: string; left(n: number): string }) {
  const drawn = useMemo(() => {
    // Two dimensions are one line for each pair.
    const joined = dimensions.length > 1 ? rows.map((row) => ({ ...row, pair: dimensions.map((one) => row[one] ?? NOTHING).join(" · ") })) : rows;
    return linesOf(joined, dimensions.length > 1 ? "pair" : dimensions[0] ?? null, metric, whole, zero, every);
  }, [rows, every.join(), dimensions.join(), metric, whole, zero]);
  return <div><SeriesChart label={label} times={drawn.times} series={drawn.lines} format={format} height={260} />{drawn.left > 0 && <p className="pt-1 text-xs text-muted">{left(drawn.left)}</p>}</div>;
}

/** Numbers with their unit. */
function formatOf(unit: string): (value: number) => string {
  if (unit === "ms") return duration;
  if (unit === "USD") return cost;
  return (value) => number(value, Math.abs(value) < 10 ? 3 : 1);
}
