import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { CircleCheck, TrendingDown, TrendingUp } from "lucide-react";
import { endsOf, useAsk } from "@/features/analytics/ask";
import { useText } from "@/i18n";
import { cost, duration, percent, score } from "@/lib/format";
import { before } from "@/lib/time-range";
import { ErrorState, Loading } from "@/ui/states";
import { homeTexts } from "./i18n";
import { SCORE_METRICS, TRACE_METRICS, type Worse, worse } from "./worse";

const SHOWN = 6;
const LOOK = {
  score: { label: "score", format: score, icon: TrendingDown },
  errors: { label: "errorsOf", format: (value: number) => percent(value, 1), icon: TrendingUp },
  latency: { label: "latencyOf", format: duration, icon: TrendingUp },
  cost: { label: "costOf", format: cost, icon: TrendingUp },
} as const;

/** What is worse than the week before, the most first, each with a way to its traces and to what it may come from. */
export function GotWorse() {
  const t = useText(homeTexts);
  const ends = useMemo(() => endsOf("7d", "", ""), []);
  const earlier = useMemo(() => before(ends), [ends]);
  const by = { dimensions: ["name"], limit: 500 };
  const traces = { now: useAsk({ view: "traces", metrics: TRACE_METRICS, ...by, ...ends }), was: useAsk({ view: "traces", metrics: TRACE_METRICS, ...by, ...earlier }) };
  const scores = { now: useAsk({ view: "scores-numeric", metrics: SCORE_METRICS, ...by, ...ends }), was: useAsk({ view: "scores-numeric", metrics: SCORE_METRICS, ...by, ...earlier }) };
  const all = [traces.now, traces.was, scores.now, scores.was];
  const failed = all.find((one) => one.error);
  const found = useMemo(() => {
    const [a, b, c, d] = [traces.now.data, traces.was.data, scores.now.data, scores.was.data];
    return a && b && c && d ? worse({ now: a.rows, was: b.rows }, { now: c.rows, was: d.rows }) : null;
  }, [traces.now.data, traces.was.data, scores.now.data, scores.was.data]);
  const noWeek = traces.was.data?.rows.length === 0 && scores.was.data?.rows.length === 0;
  return (
    <section aria-labelledby="worse" className="grid content-start gap-2">
      <h2 id="worse" className="font-semibold">{t("worse")}</h2>
      {failed ? <ErrorState error={failed.error} onRetry={() => all.forEach((one) => void one.refetch())} />
        : found === null ? <Loading rows={3} />
        : found.length === 0 ? <p className="card flex items-center gap-2 p-4 text-sm text-muted"><CircleCheck aria-hidden className="size-4 text-good" />{t(noWeek ? "tooFew" : "nothingWorse")}</p>
        : <ul className="card divide-y divide-line" title={t("worseText")}>{found.slice(0, SHOWN).map((one) => <Row key={one.what + one.name} worse={one} />)}</ul>}
    </section>
  );
}

function Row({ worse: one }: { worse: Worse }) {
  const t = useText(homeTexts);
  const { label, format, icon: Icon } = LOOK[one.what];
  const filter = JSON.stringify([{ type: "numberObject", column: "scores_avg", key: one.name, operator: "<", value: Number(one.was.toFixed(4)) }]);
  const search = one.what === "score" ? { range: "7d", filter } : { range: "7d", name: one.name, ...(one.what === "errors" ? { status: "error" } : { sort: one.what === "latency" ? "-latency" : "-cost" }) };
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-3 px-4 py-2.5">
      <Icon aria-hidden className="size-4 text-bad" />
      <span className="min-w-0">
        <span className="block truncate text-sm font-medium" title={one.name}>{one.name}</span>
        <span className="block truncate text-xs text-muted">{t(label)} <span className="font-semibold text-bad tabular-nums">{format(one.now)}</span>, {t("from", { was: format(one.was) })} · {t("samples", { n: one.samples })}</span>
      </span>
      <span className="flex gap-3 text-sm">
        <Link to="/traces" search={search as never} className="text-accent hover:underline" aria-label={`${t("show")}: ${one.name}, ${t(label)}`}>{t("show")}</Link>
        <Link to="/analytics" search={{ by: "release", ...(one.what === "score" ? { score: one.name } : {}) } as never} className="text-accent hover:underline" aria-label={`${t("why")}: ${one.name}, ${t(label)}`}>{t("why")}</Link>
      </span>
    </li>
  );
}
