import { useId, useState } from "react";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { workTexts } from "./i18n-work";

/** Why an item is skipped: one of the usual reasons, or words. */
export function SkipDialog({ busy, onSkip, onClose }: { busy: boolean; onSkip(reason: string): void; onClose(): void }) {
  const t = useText(workTexts);
  const form = useId();
  const [reason, setReason] = useState("");
  return (
    <Dialog
      open onClose={onClose} title={t("skipTitle")} description={t("skipText")}
      actions={<Button type="submit" form={form} variant="primary" busy={busy} disabled={!reason.trim()}>{t("skip")}</Button>}
    >
      <form id={form} className="grid gap-3" onSubmit={(event) => { event.preventDefault(); if (reason.trim()) onSkip(reason.trim()); }}>
        <div className="flex flex-wrap gap-1.5">
          {[t("cannotTell"), t("unclear"), t("broken")].map((usual) => <Button key={usual} size="sm" onClick={() => onSkip(usual)} disabled={busy}>{usual}</Button>)}
        </div>
        <Field label={t("skipWhy")} required>
          <Textarea
            autoFocus rows={2} value={reason} onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); if (reason.trim()) onSkip(reason.trim()); } }}
          />
        </Field>
      </form>
    </Dialog>
  );
}
