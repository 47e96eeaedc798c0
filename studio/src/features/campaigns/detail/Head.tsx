import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useText } from "@/i18n";
import { cost, duration, number, percent } from "@/lib/format";
import { type Campaign, doneOf, isOpen, tookMs, useAllRuns } from "../data";
import { commonTexts } from "../i18n";
import { costOf, wilson } from "../stats";
import { ProgressBar } from "../status";
import { detailTexts } from "./i18n";

/** How many runs are read without being asked for. */
export const FIRST_RUNS = 2000;

/** The figures that one looks for first. */
export function Head({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const runs = useAllRuns(campaign.id, FIRST_RUNS);
  const { summary, pass_rate: rate } = campaign;
  const done = doneOf(summary);
  const scored = summary.passed + summary.failed;
  // Repetitions resemble each other: their interval is in the table of metrics, by items.
  const range = rate === null || campaign.spec.repetitions > 1 ? null : wilson(rate, scored);
  // Told only once all are read: until then it would be summed up anew with every page.
  const spent = useMemo(() => (runs.complete ? costOf(runs.rows) : { agents: null, judges: null }), [runs.complete, runs.rows]);
  const total = spent.agents === null && spent.judges === null ? null : (spent.agents ?? 0) + (spent.judges ?? 0);
  return (
    <section className="grid gap-3">
      {campaign.paused_reason && campaign.status === "paused" && <Notice>{t("pausedWhy", { why: campaign.paused_reason })}</Notice>}
      {summary.waiting_for_person > 0 && isOpen(campaign) && (
        <Notice>
          {t("waitingRuns", { n: summary.waiting_for_person })}{" "}
          <Link to="." search={{ tab: "runs", status: "waiting_for_person" } as never} className="font-semibold underline">{t("showThem")}</Link>
        </Notice>
      )}
      <dl className="card grid grid-cols-2 divide-line overflow-hidden lg:grid-cols-4 lg:divide-x">
        <Figure name={common("runs")} value={<>{number(done)}<span className="text-base font-normal text-muted"> / {number(summary.total)}</span></>}>
          <ProgressBar summary={summary} />
        </Figure>
        <Figure name={common("passRate")} value={percent(rate, 1)}>
          {range ? t("interval95", { low: percent(range.low), high: percent(range.high) }) : `${common("passed")} ${number(summary.passed)} · ${common("failed")} ${number(summary.failed)} · ${common("error")} ${number(summary.error)}`}
        </Figure>
        <Figure name={common("cost")} value={cost(campaign.spent?.cost_usd ?? (runs.complete ? total : null))}>
          {campaign.spec.budget?.cost_usd != null
            ? t("spentOf", { spent: cost(campaign.spent?.cost_usd), limit: cost(campaign.spec.budget.cost_usd) })
            : runs.complete && total !== null && `${t("costAgents")} ${cost(spent.agents)} · ${t("costJudges")} ${cost(spent.judges)}`}
        </Figure>
        <Figure name={common("duration")} value={duration(tookMs(campaign))} />
      </dl>
    </section>
  );
}

const Notice = ({ children }: { children: ReactNode }) => <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">{children}</p>;

const Figure = ({ name, value, children }: { name: string; value: ReactNode; children?: ReactNode }) => (
  <div className="grid content-start gap-1 px-4 py-3">
    <dt className="label">{name}</dt>
    <dd className="text-2xl font-semibold tracking-tight tabular-nums">{value}</dd>
    {children && <dd className="text-xs text-muted tabular-nums">{children}</dd>}
  </div>
);
