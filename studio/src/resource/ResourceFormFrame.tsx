import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { FlaskConical } from "lucide-react";
import { useText } from "@/i18n";
import { useShortcuts } from "@/lib/keyboard";
import { Button } from "@/ui/button";
import { FieldErrors } from "@/ui/field";
import { messageOf } from "@/ui/states";
import type { ResourceForm } from "./form";
import { resourceTexts } from "./i18n";
import type { ResourceItem, ResourceKind } from "./kind";
import { trialTexts } from "./trial/i18n";
import { TrialResult } from "./trial/TrialResult";
import type { Trial } from "./trial/unsaved";

/** A form with its buttons, the server's words, and what to do when somebody else was faster. */
export function ResourceFormFrame<Item extends ResourceItem, Spec>({ kind, form, isNew, mayWrite, onSaved, trial, children }: {
  kind: ResourceKind<Item>;
  form: ResourceForm<Item, Spec>;
  isNew: boolean;
  /** Without it the form shows and does not change. */
  mayWrite: boolean;
  onSaved(item: Item): void;
  /** Tries what is typed before it is stored. */
  trial?: Trial | undefined;
  children: ReactNode;
}) {
  const t = useText(resourceTexts);
  const tt = useText(trialTexts);
  const client = useQueryClient();
  const ref = useRef<HTMLFormElement>(null);
  const save = () => {
    if (!form.saving) form.save(onSaved);
  };
  useShortcuts([{ keys: "Mod+Enter", label: { en: "Save", vi: "Lưu" }, whileTyping: true, run: save }]);
  const error = form.error ?? trial?.error;
  const errors = form.error == null && trial ? trial.fields : form.errors;
  useEffect(() => {
    // To the first field that is wrong, as it stands on the page.
    if (errors.size > 0) ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);
  return (
    <FieldErrors value={errors}>
      <form ref={ref} noValidate onSubmit={(event) => { event.preventDefault(); save(); }} className="grid gap-4">
        <fieldset disabled={!mayWrite} className="grid gap-4">{children}</fieldset>
        {mayWrite && (
          <div className="sticky bottom-0 grid gap-2 border-t border-line bg-canvas py-3">
            {trial && (
              <div aria-live="polite">
                {trial.pending && <p className="animate-pulse text-sm text-muted">{tt("trying")}</p>}
                {trial.result && <TrialResult result={trial.result} />}
              </div>
            )}
            {error != null && (
              <div role="alert" className="flex items-center gap-3 rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
                <p>
                  {form.conflict ? t("conflict") : errors.size > 0 ? `${t("fix")} ${unplaced(errors, ref.current)}` : messageOf(error, t("failed"))}
                </p>
                {form.conflict && (
                  <Button size="sm" onClick={() => { form.reset(); void client.invalidateQueries({ queryKey: [kind.kind, "one"] }); }}>{t("reload")}</Button>
                )}
              </div>
            )}
            <div className="flex items-center gap-2">
              <Button type="submit" variant="primary" busy={form.saving} disabled={!isNew && !form.changed}>{isNew ? t("create") : t("save")}</Button>
              {trial && <Button busy={trial.pending} title={tt("notStored")} onClick={trial.run}><FlaskConical aria-hidden />{trial.result ? tt("testAgain") : tt("test")}</Button>}
              {!isNew && form.changed && <Button variant="ghost" onClick={form.reset}>{t("discard")}</Button>}
            </div>
          </div>
        )}
      </form>
    </FieldErrors>
  );
}

/** Complaints about what has no field in the form. */
function unplaced(errors: ReadonlyMap<string, string>, form: HTMLFormElement | null): string {
  const fields = [...(form?.querySelectorAll("[data-pointer]") ?? [])].map((node) => node.getAttribute("data-pointer") ?? "");
  return [...errors]
    .filter(([at]) => !fields.some((field) => at === field || at.startsWith(`${field}/`)))
    .map(([at, text]) => `${at}: ${text}`)
    .join("; ");
}
