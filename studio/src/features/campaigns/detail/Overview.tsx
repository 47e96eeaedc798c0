import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useText } from "@/i18n";
import { cost, duration, number, percent, tokens } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { ErrorState, Loading } from "@/ui/states";
import { agentsOf, type Campaign, type Outcome, useAllRuns, useItemName, useNames } from "../data";
import { commonTexts } from "../i18n";
import { errorsOf, figuresOf, worstOf } from "../stats";
import { FIRST_RUNS } from "./Head";
import { detailTexts } from "./i18n";
import { MetricTable } from "./MetricTable";

const SHOWN = 8;

/** What came of a campaign: by metric, where it failed most, what went wrong, what it cost. */
export function Overview({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const [{ agent, all }, set] = useUrlState({ agent: "", all: "" });
  const runs = useAllRuns(campaign.id, all === "1" ? Infinity : FIRST_RUNS);
  const agents = agentsOf(campaign.spec);
  const agentName = useNames("agents", agents.map((one) => one.id));
  const chosen = useMemo(() => runs.rows.filter((run) => !agent || agentKey(run) === agent), [runs.rows, agent]);
  const arms = useMemo(() => [...new Map(runs.rows.map((run) => [agentKey(run), run])).values()], [runs.rows]);
  const figures = useMemo(() => figuresOf(chosen), [chosen]);
  const errors = useMemo(() => errorsOf(chosen).slice(0, SHOWN), [chosen]);
  const repeated = (campaign.pass_k?.length ?? 0) > 0;
  const side = errors.length > 0 || campaign.spent !== null || repeated;
  if (runs.error && runs.rows.length === 0) return <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />;
  if (runs.isPending) return <Loading />;
  return (
    <div className={side ? "grid grid-cols-1 gap-4 2xl:grid-cols-[minmax(0,1fr)_22rem]" : "grid grid-cols-1 gap-4"}>
      <div className="grid min-w-0 content-start gap-4">
        <Section
          title={t("byMetric")}
          actions={arms.length > 1 && (
            <Select aria-label={common("agent")} className="w-56" value={agent} onChange={(event) => set({ agent: event.target.value })}>
              <option value="">{common("anyAgent")}</option>
              {arms.map((run) => <option key={agentKey(run)} value={agentKey(run)}>{agentName(run.agent_id)} {run.agent_version ? common("version", { n: run.agent_version }) : ""}</option>)}
            </Select>
          )}
        >
          {!runs.complete && (
            <p role="status" className="flex items-center gap-3 text-sm text-muted">
              {runs.isFetchingNextPage
                ? t("reading", { done: number(runs.rows.length), total: number(campaign.summary.total) })
                : <>{t("partial", { n: number(runs.rows.length) })}<Button size="sm" onClick={() => set({ all: "1" })}>{t("readAll", { n: number(campaign.summary.total) })}</Button></>}
            </p>
          )}
          <MetricTable figures={figures} />
        </Section>
        <Worst campaign={campaign} runs={chosen} />
      </div>
      {side && (
        <div className="grid content-start gap-4 md:grid-cols-2 2xl:grid-cols-1">
          {errors.length > 0 && <Errors errors={errors} />}
          {campaign.spent && <BudgetCard campaign={campaign} />}
          {repeated && <Repeated campaign={campaign} />}
        </div>
      )}
    </div>
  );
}

const agentKey = (run: Outcome) => `${run.agent_id ?? ""}@${run.agent_version ?? ""}`;

function Worst({ campaign, runs }: { campaign: Campaign; runs: readonly Outcome[] }) {
  const t = useText(detailTexts);
  const worst = useMemo(() => worstOf(runs, SHOWN), [runs]);
  const itemName = useItemName(campaign, worst.map((one) => one.run));
  return (
    <Section title={t("worst")}>
      {worst.length === 0 ? <p className="text-sm text-muted">{t("allPassed")}</p> : (
        <ul className="-my-2 divide-y divide-line">
          {worst.map(({ run, failed, runs: all }) => (
            <li key={run.run_id} className="grid gap-1 py-2.5">
              <span className="flex min-w-0 items-baseline gap-2">
                <Link to={`/runs/${run.run_id}`} className="shrink-0 font-medium hover:text-accent hover:underline">{itemName(run.item_key)}</Link>
                <span className="truncate text-sm text-muted" title={run.input ?? undefined}>{run.input}</span>
                {all > 1 && <span className="ml-auto shrink-0 text-xs text-muted tabular-nums">{t("failedOf", { failed, all })}</span>}
              </span>
              {run.scores.filter((one) => one.status === "failed").map((one) => (
                <span key={one.name} className="flex min-w-0 items-baseline gap-2 text-sm">
                  <Badge tone="bad">{one.name}</Badge>
                  <span className="min-w-0 truncate text-muted" title={one.reason}>{one.reason}</span>
                </span>
              ))}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Errors({ errors }: { errors: ReturnType<typeof errorsOf> }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  return (
    <Section title={t("errors")}>
      <ul className="-my-2 divide-y divide-line">
        {errors.map(({ what, message, runs: ids }) => (
          <li key={`${what} ${message}`} className="grid gap-0.5 py-2.5 text-sm">
            <span className="flex items-baseline justify-between gap-2">
              <span className="font-medium">{what in commonTexts.en ? common(what as "internal") : what}</span>
              <Link to={`/runs/${ids[0]}`} className="shrink-0 text-xs text-muted hover:text-accent hover:underline">{t("times", { n: ids.length })}</Link>
            </span>
            <span className="line-clamp-3 wrap-anywhere text-muted" title={message}>{message}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const BOUNDS = [
  ["cost_usd", "costUsd", cost], ["tokens", "tokens", tokens], ["judge_calls", "judgeCalls", number], ["wall_ms", "wall", duration],
] as const;

function BudgetCard({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const { spent, spec: { budget } } = campaign;
  return (
    <Section title={t("budget")}>
      {spent && (
        <dl className="grid gap-3 text-sm">
          {BOUNDS.map(([name, label, format]) => {
            const limit = budget?.[name];
            const used = spent[name];
            return (
              <div key={name} className="grid grid-cols-[minmax(0,1fr)_auto] gap-1">
                <dt className="text-muted">{t(label)}</dt>
                <dd className="tabular-nums">{limit == null ? format(used) : t("spentOf", { spent: format(used), limit: format(limit) })}</dd>
                {limit != null && (
                  <dd aria-hidden className="col-span-2 h-1 overflow-hidden rounded-full bg-sunken">
                    <span className={used >= limit * 0.9 ? "block h-full bg-warn" : "block h-full bg-accent"} style={{ width: `${Math.min(100, (used / limit) * 100)}%` }} />
                  </dd>
                )}
              </div>
            );
          })}
        </dl>
      )}
    </Section>
  );
}

function Repeated({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  return (
    <Section title={t("repeated")}>
      <table className="w-full text-sm">
        <thead><tr className="label">{[t("tries"), t("atLeastOne"), t("allPass"), t("items")].map((one) => <th key={one} scope="col" className="pb-1 text-right font-semibold first:text-left">{one}</th>)}</tr></thead>
        <tbody>
          {campaign.pass_k?.map((row) => (
            <tr key={row.k} className="border-t border-line">
              <td className="py-1">{row.k}</td>
              <td className="text-right">{percent(row.pass_at_k)}</td>
              <td className="text-right">{percent(row.pass_hat_k)}</td>
              <td className="text-right text-muted">{number(row.items)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
