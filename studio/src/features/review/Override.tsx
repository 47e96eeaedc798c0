import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { PenLine, Undo2 } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ago, exactTime, score } from "@/lib/format";
import { DraftForm, useDraft } from "@/resource/draft";
import { numberAt, textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { reviewTexts } from "./i18n";
import { usePeople } from "@/resource/people";
import { useRun } from "./queue";

/** A person's score beside a metric's, with the reason. */
export function OverrideDialog({ runId, metric, onClose }: { runId: string; metric: string; onClose(): void }) {
  const t = useText(reviewTexts);
  const client = useQueryClient();
  const form = useId();
  const draft = useDraft<{ score?: number; reason: string }, unknown>(
    { reason: "" },
    (value) => unwrap(api.POST("/api/v1/runs/{id}/overrides", { params: { path: { id: runId } }, body: { metric, reason: value.reason, score: value.score as number } })),
    () => {
      void client.invalidateQueries({ queryKey: ["runs", "one", runId] });
      onClose();
    },
  );
  return (
    <Dialog
      open onClose={onClose} title={t("overrideTitle", { name: metric })} description={t("overrideText")}
      actions={<Button type="submit" form={form} variant="primary" busy={draft.saving} disabled={draft.value.score === undefined || !draft.value.reason.trim()}>{t("override")}</Button>}
    >
      <DraftForm draft={draft} id={form}>
        <div className="flex items-end gap-2">
          <Field label={t("score")} pointer="/score" required hint="0 – 1" className="w-32"><Input autoFocus min={0} max={1} step={0.05} {...numberAt(draft, "/score")} /></Field>
          <div className="flex gap-1 pb-[1.375rem]">
            <Button onClick={() => draft.set("/score", 1)}>{t("passed")}</Button>
            <Button onClick={() => draft.set("/score", 0)}>{t("failed")}</Button>
          </div>
        </div>
        <Field label={t("why")} pointer="/reason" required><Textarea rows={3} {...textAt(draft, "/reason")} /></Field>
      </DraftForm>
    </Dialog>
  );
}

/** Overrides of one metric of a run that stand, and the way to say otherwise. */
export function Overrides({ runId, metric, onOverride }: { runId: string; metric: string; onOverride(): void }) {
  const t = useText(reviewTexts);
  const run = useRun(runId);
  const may = useMay("scores_write");
  const { nameOf } = usePeople();
  const [withdrawn, setWithdrawn] = useState<Schemas["ScoreOverride"] | null>(null);
  const standing = (run.data?.overrides ?? []).filter((one) => one.metric === metric && !one.withdrawn_at);
  return (
    <div className="grid gap-2">
      {standing.map((one) => (
        <div key={one.id} className="grid gap-1 rounded-md bg-info-soft px-3 py-2 text-sm">
          <p className="flex flex-wrap items-center gap-2">
            <span>{t("overrideBy", { name: nameOf(one.author_id) })}</span>
            <span className="font-semibold tabular-nums">{score(one.score)}</span>
            <time className="text-xs text-muted" dateTime={one.created_at} title={exactTime(one.created_at)}>{ago(one.created_at)}</time>
            {may && <Button variant="ghost" size="sm" className="ml-auto" onClick={() => setWithdrawn(one)}><Undo2 aria-hidden />{t("withdraw")}</Button>}
          </p>
          <p className="whitespace-pre-wrap">{one.reason}</p>
        </div>
      ))}
      {may && <div><Button size="sm" onClick={onOverride}><PenLine aria-hidden />{t("override")}</Button></div>}
      {withdrawn && <Withdraw override={withdrawn} onClose={() => setWithdrawn(null)} />}
    </div>
  );
}

function Withdraw({ override, onClose }: { override: Schemas["ScoreOverride"]; onClose(): void }) {
  const t = useText(reviewTexts);
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const withdraw = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/overrides/{override_id}/withdraw", { params: { path: { id: override.run_id, override_id: override.id } }, body: { reason } })),
    onSuccess: () => {
      toast(t("withdrawn"));
      void client.invalidateQueries({ queryKey: ["runs", "one", override.run_id] });
      onClose();
    },
    onError: (error) => toastError(messageOf(error, t("failed_toast"))),
  });
  return (
    <Confirm open onClose={onClose} title={t("withdrawTitle")} confirm={t("withdraw")} busy={withdraw.isPending} onConfirm={() => withdraw.mutate()}>
      <Field label={t("why")} required><Textarea autoFocus rows={2} value={reason} onChange={(event) => setReason(event.target.value)} /></Field>
    </Confirm>
  );
}
