import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { commonTexts } from "@/features/campaigns/i18n";
import { useText } from "@/i18n";
import { score as scoreText } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { toast } from "@/ui/toast";
import type { Run } from "./data";
import { runTexts } from "./i18n";

const none = new Map<string, string>();

/** Another score than a metric gave, with why. It can be taken back in the toast. */
export function OverrideDialog({ run, score, onClose }: { run: Run; score: Schemas["MetricResult"]; onClose(): void }) {
  const t = useText(runTexts);
  const common = useText(commonTexts);
  const client = useQueryClient();
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const refresh = () => client.invalidateQueries({ queryKey: ["runs"] });
  const save = useMutation({
    // What was not typed is not a number, and the API says so at the field.
    mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/overrides", { params: { path: { id: run.run_id } }, body: { metric: score.name, score: value === "" ? (null as never) : Number(value), reason } })),
    onSuccess: (made) => {
      onClose();
      toast(t("overrideSaved"), { undo: () => void api.POST("/api/v1/runs/{id}/overrides/{override_id}/withdraw", { params: { path: { id: run.run_id, override_id: made.id } }, body: { reason: "Undo" } }).then(refresh) });
      void refresh();
    },
  });
  const errors = save.error instanceof ApiError ? save.error.fields : none;
  return (
    <Dialog
      open onClose={onClose} title={t("overrideTitle", { metric: score.name })} description={t("overrideText")}
      actions={<Button variant="primary" busy={save.isPending} onClick={() => save.mutate()}>{t("save")}</Button>}
    >
      <FieldErrors value={errors}>
        <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
          <p className="text-sm text-muted">{t("machineSaid", { score: scoreText(score.score) })}</p>
          <Field label={t("score")} pointer="/score" required hint={t("scoreHint", { threshold: scoreText(score.threshold) })}>
            <Input type="number" min={0} max={1} step={0.05} inputMode="decimal" className="w-32" autoFocus value={value} onChange={(event) => setValue(event.target.value)} />
          </Field>
          <div className="-mt-2 flex gap-2">
            <Button size="sm" aria-pressed={value === "1"} onClick={() => setValue("1")}>{t("passIt")}</Button>
            <Button size="sm" aria-pressed={value === "0"} onClick={() => setValue("0")}>{t("failIt")}</Button>
          </div>
          <Field label={t("reason")} pointer="/reason" required>
            <Textarea rows={3} value={reason} onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save.mutate(); }} />
          </Field>
          {save.error && errors.size === 0 && <p role="alert" className="text-sm text-bad">{messageOf(save.error, common("failedAct"))}</p>}
        </form>
      </FieldErrors>
    </Dialog>
  );
}

/** The machine's score counts again, and why. */
export function WithdrawDialog({ override, onClose }: { override: Schemas["ScoreOverride"]; onClose(): void }) {
  const t = useText(runTexts);
  const common = useText(commonTexts);
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const withdraw = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/overrides/{override_id}/withdraw", { params: { path: { id: override.run_id, override_id: override.id } }, body: { reason } })),
    onSuccess: () => {
      onClose();
      toast(t("overrideWithdrawn"));
      void client.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const errors = withdraw.error instanceof ApiError ? withdraw.error.fields : none;
  return (
    <Dialog open onClose={onClose} title={t("withdrawTitle")} description={override.reason} actions={<Button variant="danger" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>{t("withdraw")}</Button>}>
      <FieldErrors value={errors}>
        <Field label={t("withdrawReason")} pointer="/reason" required><Textarea rows={2} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} /></Field>
        {withdraw.error && errors.size === 0 && <p role="alert" className="mt-2 text-sm text-bad">{messageOf(withdraw.error, common("failedAct"))}</p>}
      </FieldErrors>
    </Dialog>
  );
}
