import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { GitBranch, History as HistoryIcon, StepBack, StepForward } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { ago, exactTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CodeEditor } from "@/ui/code-editor";
import { JsonView } from "@/ui/json-view";
import { Loaded, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { runTexts } from "../i18n-run";
import { type Checkpoint, type Run, useStateAt, useTravel } from "./data";

/** The checkpoints of a run: step back through them, and go on from one another way. */
export function History({ run, checkpoints, at, onAt, onForked }: {
  run: Run;
  checkpoints: UseQueryResult<Checkpoint[]>;
  at: string;
  onAt(checkpoint: string): void;
  onForked(run: string): void;
}) {
  const t = useText(runTexts);
  return (
    <Loaded query={checkpoints}>
      {(all) => {
        const index = all.findIndex((one) => one.id === at);
        const place = index < 0 ? all.length - 1 : index;
        const go = (to: number) => onAt(all[to]?.id ?? "");
        const chosen = all[index];
        return (
          <div className="grid gap-3">
            <p className="text-xs text-muted">{t("historyText")}</p>
            <div className="flex items-center gap-1">
              <Button size="sm" disabled={place <= 0} onClick={() => go(place - 1)}><StepBack aria-hidden />{t("back")}</Button>
              <Button size="sm" disabled={place >= all.length - 1} onClick={() => go(place + 1)}><StepForward aria-hidden />{t("forth")}</Button>
              {at && <Button size="sm" variant="ghost" onClick={() => onAt("")}>{t("latest")}</Button>}
            </div>
            {chosen && <Travel key={chosen.id} run={run} checkpoint={chosen} isNewest={index === all.length - 1} onForked={onForked} />}
            <ol aria-label={t("historyTab")} className="grid gap-px">
              {[...all].reverse().map((one) => <li key={one.id}><Entry checkpoint={one} chosen={one.id === at} onChoose={() => onAt(one.id)} /></li>)}
            </ol>
          </div>
        );
      }}
    </Loaded>
  );
}

function Entry({ checkpoint, chosen, onChoose }: { checkpoint: Checkpoint; chosen: boolean; onChoose(): void }) {
  const t = useText(runTexts);
  const made = typeof checkpoint.metadata.at === "string" ? checkpoint.metadata.at : null;
  return (
    <button type="button" aria-pressed={chosen} onClick={onChoose} className={cx("flex w-full items-center gap-2 rounded-md px-2 py-1 text-left text-sm hover:bg-sunken", chosen && "bg-accent-soft")}>
      <span className="w-16 shrink-0 text-xs text-muted tabular-nums">{(checkpoint.step ?? -1) < 0 ? t("begin") : t("at", { n: checkpoint.step ?? 0 })}</span>
      <span className="min-w-0 flex-1 truncate font-mono text-xs">{checkpoint.next.length === 0 ? t("over") : t("next", { nodes: checkpoint.next.filter((node) => node !== "__start__").join(", ") || "–" })}</span>
      {checkpoint.source === "update" && <Badge tone="warn">{t("edited")}</Badge>}
      {checkpoint.source === "fork" && <Badge tone="info">{t("forkedHere")}</Badge>}
      {made && <time className="shrink-0 text-2xs text-muted" dateTime={made} title={exactTime(made)}>{ago(made)}</time>}
    </button>
  );
}

/** The variables at a checkpoint, and the ways on from it. */
function Travel({ run, checkpoint, isNewest, onForked }: { run: Run; checkpoint: Checkpoint; isNewest: boolean; onForked(run: string): void }) {
  const t = useText(runTexts);
  const mayRun = useMay("campaigns_run");
  const state = useStateAt(run.run_id, checkpoint.id);
  const { fork, replay, change } = useTravel(run.run_id);
  const written = useMemo(() => JSON.stringify(state.data?.values?.vars ?? {}, null, 2), [state.data]);
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => setTyped(null), [written]);
  const vars = objectOf(typed ?? written);
  const changed = vars !== null && JSON.stringify(vars) !== JSON.stringify(objectOf(written));
  const n = checkpoint.step ?? 0;
  const wrong = (error: unknown) => toastError(messageOf(error, t("status_error")));
  const goOn = () => fork.mutate(
    { checkpoint: checkpoint.id, ...(changed ? { overwrite: { vars } } : {}) } as Parameters<typeof fork.mutate>[0],
    { onSuccess: (made) => { toast(t("forked", { n })); onForked(made.run_id); }, onError: wrong },
  );
  const again = () => replay.mutate(checkpoint.id, { onSuccess: (made) => { toast(t("forked", { n })); onForked(made.run_id); }, onError: wrong });
  const edit = () => change.mutate(
    { checkpoint: checkpoint.id, overwrite: { vars } } as Parameters<typeof change.mutate>[0],
    { onSuccess: () => toast(t("changed")), onError: wrong },
  );
  const canEdit = isNewest && (run.status === "waiting_for_person" || run.status === "paused");
  // A run cannot go on from before its beginning, nor from its end.
  const goesOn = checkpoint.next.length > 0 && (checkpoint.step ?? -1) >= 0;
  return (
    <section className="grid gap-2 rounded-lg border border-accent/40 p-3">
      <h3 className="text-sm font-semibold">{(checkpoint.step ?? -1) < 0 ? t("begin") : t("at", { n })}</h3>
      <Loaded query={state} loading={<div className="h-24 animate-pulse rounded-md bg-sunken" />}>
        {(data) => (
          <>
            <p className="text-sm font-medium">{t("stateThere")}</p>
            <CodeEditor language="json" label={t("stateThere")} value={typed ?? written} readOnly={!mayRun || !goesOn} height={96} onChange={setTyped} />
            <p className={cx("text-xs", vars ? "text-muted" : "text-bad")}>{vars ? t("stateHint") : t("notObject")}</p>
            {mayRun && goesOn && (
              <div className="flex flex-wrap gap-2">
                <Button size="sm" variant="primary" busy={fork.isPending} disabled={!vars} onClick={goOn}><GitBranch aria-hidden />{t("fork")}</Button>
                <Button size="sm" busy={replay.isPending} disabled={changed} onClick={again}><HistoryIcon aria-hidden />{t("replay")}</Button>
                {canEdit && <Button size="sm" busy={change.isPending} disabled={!changed} onClick={edit}>{t("applyHere")}</Button>}
              </div>
            )}
            <details className="text-sm"><summary className="text-muted hover:text-ink">{t("wholeState")}</summary><JsonView value={data.values ?? {}} open={1} search={false} /></details>
          </>
        )}
      </Loaded>
    </section>
  );
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
