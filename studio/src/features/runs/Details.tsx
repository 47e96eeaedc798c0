import { usePages } from "@/api/pages";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { ago, exactTime, score } from "@/lib/format";
import { CopyButton } from "@/ui/copy";
import { JsonView } from "@/ui/json-view";
import { Section } from "@/ui/section";
import { ErrorState, Loading } from "@/ui/states";
import type { Run } from "./data";
import { runTexts } from "./i18n";

/** Variables, what people said of the scores, and the run as the API has it. */
export function Details({ run }: { run: Run }) {
  const t = useText(runTexts);
  const list = usePages<Schemas["ScoreOverride"]>({ key: ["runs", "overrides", run.run_id], path: `/api/v1/runs/${encodeURIComponent(run.run_id)}/overrides` });
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Section title={t("overrides")}>
        {list.error ? <ErrorState error={list.error} /> : list.isPending ? <Loading rows={2} /> : list.rows.length === 0 ? <p className="text-sm text-muted">{t("noOverrides")}</p> : (
          <ul className="-my-2 divide-y divide-line text-sm">
            {list.rows.map((one) => (
              <li key={one.id} className={one.withdrawn_at ? "py-2 text-muted" : "py-2"}>
                <p><span className="font-medium">{one.metric}</span> {score(one.machine_score)} → <span className="font-semibold tabular-nums">{score(one.score)}</span> <time title={exactTime(one.created_at)} className="text-muted">{ago(one.created_at)}</time></p>
                <p className="wrap-anywhere whitespace-pre-wrap">{one.reason}</p>
                {one.withdrawn_at && <p>{t("withdrawnNote", { reason: one.withdrawn_reason ?? "" })}</p>}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={t("variables")}>
        {Object.keys(run.variables).length === 0 ? <p className="text-sm text-muted">{t("noVariables")}</p> : <JsonView value={run.variables} />}
      </Section>
      <Section title={t("run")} className="xl:col-span-2" actions={<span className="flex items-center gap-1 font-mono text-xs text-muted">{run.run_id}<CopyButton text={run.run_id} /></span>}>
        <JsonView value={run} open={1} />
      </Section>
    </div>
  );
}
