import { useMemo } from "react";
import { Download, Printer } from "lucide-react";
import { useText } from "@/i18n";
import { cost, dateTime, duration, number, percent, score } from "@/lib/format";
import { saveFile } from "@/lib/save-file";
import { Button } from "@/ui/button";
import { ErrorState, Loading } from "@/ui/states";
import { agentsOf, type Campaign, doneOf, tookMs, useAllRuns, useItemName, useNames } from "../data";
import { commonTexts } from "../i18n";
import { csvOf } from "../report-csv";
import { costOf, errorsOf, figuresOf, worstOf } from "../stats";
import { detailTexts } from "./i18n";
import { MetricTable } from "./MetricTable";
import "./print.css";

const WORST = 20;

/** A campaign as a page to print or hand on, and as files. */
export function Report({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const runs = useAllRuns(campaign.id, Infinity);
  const agents = agentsOf(campaign.spec);
  const agentName = useNames("agents", agents.map((one) => one.id));
  const datasetName = useNames("datasets", [campaign.spec.dataset_id]);
  const modelName = useNames("models", [campaign.spec.judge_model_id]);
  const itemName = useItemName(campaign, runs.rows);
  const figures = useMemo(() => figuresOf(runs.rows), [runs.rows]);
  const worst = useMemo(() => worstOf(runs.rows, WORST), [runs.rows]);
  const errors = useMemo(() => errorsOf(runs.rows), [runs.rows]);
  const spent = useMemo(() => costOf(runs.rows), [runs.rows]);
  if (runs.error && runs.rows.length === 0) return <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />;
  if (runs.isPending) return <Loading />;
  const { summary } = campaign;
  const name = campaign.name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || campaign.id;
  const facts: [string, string][] = [
    [common("status"), common(campaign.status)],
    ...(campaign.verdict ? [[t("gate"), common(campaign.verdict)] as [string, string]] : []),
    [common("agents"), agents.map((one) => agentName(one.id)).join(", ")],
    ...(campaign.spec.dataset_id ? [[common("dataset"), datasetName(campaign.spec.dataset_id)] as [string, string]] : []),
    ...(campaign.spec.judge_model_id ? [[common("judge"), modelName(campaign.spec.judge_model_id)] as [string, string]] : []),
    [common("runs"), common("of", { a: number(doneOf(summary)), b: number(summary.total) })],
    [common("passRate"), percent(campaign.pass_rate, 1)],
    [common("cost"), cost(spent.agents === null && spent.judges === null ? null : (spent.agents ?? 0) + (spent.judges ?? 0))],
    [common("duration"), duration(tookMs(campaign))],
    [t("createdAt"), dateTime(campaign.created_at)],
  ];
  return (
    <div className="grid gap-4">
      <div className="no-print flex flex-wrap items-center gap-2">
        <Button variant="primary" disabled={!runs.complete} onClick={() => print()}><Printer aria-hidden />{t("print")}</Button>
        <Button disabled={!runs.complete} onClick={() => saveFile(`${name}.csv`, "text/csv;charset=utf-8", csvOf(campaign.id, runs.rows))}><Download aria-hidden />{t("downloadCsv")}</Button>
        <Button disabled={!runs.complete} onClick={() => saveFile(`${name}.json`, "application/json", JSON.stringify({ campaign, runs: runs.rows }, null, 2))}><Download aria-hidden />{t("downloadJson")}</Button>
        {!runs.complete && <span role="status" className="text-sm text-muted">{t("reading", { done: number(runs.rows.length), total: number(summary.total) })}</span>}
      </div>
      <article className="print-page card grid max-w-5xl gap-6 p-6">
        <header>
          <p className="label">{t("reportOf")}</p>
          <h2 className="text-2xl font-semibold">{campaign.name}</h2>
          <p className="text-sm text-muted">{t("generated", { at: dateTime(Date.now()) })}</p>
        </header>
        <dl className="grid gap-x-8 gap-y-1.5 text-sm sm:grid-cols-2">
          {facts.map(([key, value]) => <div key={key} className="flex justify-between gap-4 border-b border-line/70 py-1"><dt className="text-muted">{key}</dt><dd className="text-right">{value}</dd></div>)}
        </dl>
        <section className="grid gap-2"><h3 className="font-semibold">{t("byMetric")}</h3><MetricTable figures={figures} /></section>
        {errors.length > 0 && (
          <section className="grid gap-2">
            <h3 className="font-semibold">{t("errors")}</h3>
            <ul className="grid gap-1 text-sm">{errors.map((one) => <li key={`${one.what} ${one.message}`}><strong className="font-medium">{t("times", { n: one.runs.length })}</strong> {one.what}: <span className="text-muted">{one.message}</span></li>)}</ul>
          </section>
        )}
        <section className="grid gap-3">
          <h3 className="font-semibold">{t("worst")}</h3>
          {worst.length === 0 && <p className="text-sm text-muted">{t("allPassed")}</p>}
          {worst.map(({ run, failed, runs: all }) => (
            <div key={run.run_id} className="break-inside-avoid border-l-2 border-bad pl-3 text-sm">
              <p className="font-medium">{itemName(run.item_key)}{all > 1 && <span className="font-normal text-muted"> {t("failedOf", { failed, all })}</span>}</p>
              <p><span className="text-muted">{t("input")}: </span>{run.input}</p>
              <p><span className="text-muted">{t("output")}: </span>{run.output}</p>
              {run.scores.filter((one) => one.status === "failed").map((one) => <p key={one.name} className="text-bad">{one.name} {score(one.score)} &lt; {score(one.threshold)}: {one.reason}</p>)}
            </div>
          ))}
        </section>
      </article>
    </div>
  );
}
