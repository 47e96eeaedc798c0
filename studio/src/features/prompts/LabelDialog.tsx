import { useState } from "react";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Input } from "@/ui/input";
import { messageOf } from "@/ui/states";
import { promptTexts } from "./i18n";
import { LATEST, type Prompt } from "./kind";
import { useLabels } from "./useLabels";

/** Labels that most people want. */
const USUAL = ["production", "staging"];

/** Moves a label to a version: one that is there, or a new one. */
export function LabelDialog({ prompt, version, onClose }: { prompt: Prompt; version: number; onClose(): void }) {
  const t = useText(promptTexts);
  const [label, setLabel] = useState("");
  const { move } = useLabels(prompt);
  const fields = move.error instanceof ApiError ? move.error.fields : new Map<string, string>();
  const choices = [...new Set([...USUAL, ...Object.keys(prompt.labels)])].filter((one) => one !== LATEST && prompt.labels[one] !== version);
  const type = (text: string) => { move.reset(); setLabel(text); };
  const run = (name: string) => { if (name.trim()) move.mutate({ label: name.trim(), version }, { onSuccess: onClose }); };
  return (
    <Dialog
      open onClose={onClose} title={t("labelTitle", { n: version })} description={t("labelText")}
      actions={<>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button variant="primary" busy={move.isPending} disabled={!label.trim()} onClick={() => run(label)}>{t("moveHere")}</Button>
      </>}
    >
      <FieldErrors value={fields}>
        <form className="grid gap-3" onSubmit={(event) => { event.preventDefault(); run(label); }}>
          <Field label={t("label")} pointer="label" hint={t("labelHint")}><Input autoFocus spellCheck={false} value={label} onChange={(event) => type(event.target.value)} /></Field>
          <div className="flex flex-wrap gap-2">
            {choices.map((one) => (
              <Button key={one} size="sm" aria-pressed={label === one} onClick={() => type(one)}>
                {one}{prompt.labels[one] !== undefined && <span className="font-normal text-muted">{t("at", { n: prompt.labels[one] })}</span>}
              </Button>
            ))}
          </div>
          {move.error && fields.size === 0 && <p role="alert" className="text-sm text-bad">{messageOf(move.error, t("failed"))}</p>}
        </form>
      </FieldErrors>
    </Dialog>
  );
}
