import { useState } from "react";
import { PencilLine } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { StatusBadge } from "@/features/campaigns/status";
import { useText } from "@/i18n";
import { ago, cost, exactTime, percent, score as scoreText } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Run } from "./data";
import { Folded } from "./Folded";
import { runTexts } from "./i18n";
import { OverrideDialog, WithdrawDialog } from "./OverrideDialog";

/** What one metric says, why, how sure it is, and what a person says instead. */
export function ScoreCard({ run, score }: { run: Run; score: Schemas["MetricResult"] }) {
  const t = useText(runTexts);
  const mayScore = useMay("scores_write");
  const [asking, setAsking] = useState<"override" | "withdraw" | null>(null);
  const override = run.overrides?.find((one) => one.metric === score.name && one.withdrawn_at === null);
  const scored = score.score !== null || score.status === "error";
  const sure = score.confidence != null && score.confidence < 1 ? t("confidence", { value: percent(score.confidence) }) : null;
  return (
    <article aria-label={score.name} className="card grid gap-1.5 p-3 text-sm">
      <header className="flex items-center gap-2">
        <h3 className="min-w-0 flex-1 truncate font-medium" title={score.name}>{score.name}</h3>
        {score.severity && score.severity !== "major" && <Badge>{t(score.severity)}</Badge>}
        <span className={override ? "text-muted line-through tabular-nums" : "font-semibold tabular-nums"} title={`≥ ${scoreText(score.threshold)}`}>{scoreText(score.score)}</span>
        <StatusBadge status={override?.status ?? score.status} />
      </header>
      {override && (
        <div className="rounded-md bg-accent-soft/60 px-2.5 py-1.5">
          <p className="font-medium">{t("overridden", { score: scoreText(override.score) })} <span className="font-normal text-muted" title={exactTime(override.created_at)}>{ago(override.created_at)}</span></p>
          <p className="wrap-anywhere whitespace-pre-wrap">{override.reason}</p>
        </div>
      )}
      {score.reason && <p className="text-muted"><Folded text={score.reason} /></p>}
      <Judging score={score} />
      <footer className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted tabular-nums">
        <span>≥ {scoreText(score.threshold)}</span>
        {sure && <span>{sure}</span>}
        {score.judge_model && <span className="truncate">{t("judgedBy", { model: score.judge_model })}</span>}
        {score.cost_usd != null && <span>{cost(score.cost_usd)}</span>}
        {mayScore && scored && (
          <span className="ml-auto flex gap-1">
            {override && <Button variant="ghost" size="sm" onClick={() => setAsking("withdraw")}>{t("withdraw")}</Button>}
            <Button variant="ghost" size="sm" onClick={() => setAsking("override")} aria-label={`${t("override")}: ${score.name}`}><PencilLine aria-hidden />{t("override")}</Button>
          </span>
        )}
      </footer>
      {asking === "override" && <OverrideDialog run={run} score={score} onClose={() => setAsking(null)} />}
      {asking === "withdraw" && override && <WithdrawDialog override={override} onClose={() => setAsking(null)} />}
    </article>
  );
}

function Judging({ score }: { score: Schemas["MetricResult"] }) {
  const t = useText(runTexts);
  const { breakdown, judgements, calibration } = score;
  const parts = Object.entries(breakdown ?? {});
  return (
    <>
      {calibration && !calibration.stale && calibration.confidence != null && <p className="text-xs text-info">{t("calibrated", { value: percent(calibration.confidence) })}</p>}
      {judgements && (
        <details className="text-xs">
          <summary className="text-muted">{t("agreement", { value: percent(judgements.agreement), n: judgements.all.length })}</summary>
          <ul className="mt-1 grid gap-1">
            {judgements.all.map((one, index) => <li key={index}><span className="font-medium tabular-nums">{scoreText(one.score)}</span> <span className="text-muted">{one.judge_model} #{one.run}: {one.reason}</span></li>)}
          </ul>
        </details>
      )}
      {parts.length > 0 && (
        <details className="text-xs">
          <summary className="text-muted">{t("breakdown")}</summary>
          <dl className="mt-1 grid grid-cols-[minmax(0,1fr)_auto] gap-x-3">{parts.map(([name, value]) => <div key={name} className="contents"><dt className="truncate text-muted">{name}</dt><dd className="text-right tabular-nums">{scoreText(value)}</dd></div>)}</dl>
        </details>
      )}
      {score.judge_answers && score.judge_answers.length > 0 && (
        <details className="text-xs">
          <summary className="text-muted">{t("raw")}</summary>
          <ul className="mt-1 grid gap-1">{score.judge_answers.map((one, index) => <li key={index} className="rounded-md bg-sunken p-2 font-mono text-2xs wrap-anywhere whitespace-pre-wrap"><Folded text={one.answer} /></li>)}</ul>
        </details>
      )}
    </>
  );
}
