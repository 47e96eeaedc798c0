import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { useText } from "@/i18n";
import { useShortcuts } from "@/lib/keyboard";
import { Button } from "@/ui/button";
import { FieldErrors } from "@/ui/field";
import { messageOf } from "@/ui/states";
import type { ResourceForm } from "./form";
import { resourceTexts } from "./i18n";
import type { ResourceItem, ResourceKind } from "./kind";

/** A form with its buttons, the server's words, and what to do when somebody else was faster. */
export function ResourceFormFrame<Item extends ResourceItem, Spec>({ kind, form, isNew, mayWrite, onSaved, children }: {
  kind: ResourceKind<Item>;
  form: ResourceForm<Item, Spec>;
  isNew: boolean;
  /** Without it the form shows and does not change. */
  mayWrite: boolean;
  onSaved(item: Item): void;
  children: ReactNode;
}) {
  const t = useText(resourceTexts);
  const client = useQueryClient();
  const ref = useRef<HTMLFormElement>(null);
  const save = () => {
    if (!form.saving) form.save(onSaved);
  };
  useShortcuts([{ keys: "Mod+Enter", label: { en: "Save", vi: "Lưu" }, whileTyping: true, run: save }]);
  useEffect(() => {
    // To the first field that is wrong, as it stands on the page.
    if (form.errors.size > 0) ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form.errors]);
  return (
    <FieldErrors value={form.errors}>
      <form ref={ref} noValidate onSubmit={(event) => { event.preventDefault(); save(); }} className="grid gap-4">
        <fieldset disabled={!mayWrite} className="grid gap-4">{children}</fieldset>
        {mayWrite && (
          <div className="sticky bottom-0 grid gap-2 border-t border-line bg-canvas py-3">
            {form.error != null && (
              <div role="alert" className="flex items-center gap-3 rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
                <p>
                  {form.conflict ? t("conflict") : form.errors.size > 0 ? `${t("fix")} ${unplaced(form.errors, ref.current)}` : messageOf(form.error, t("failed"))}
                </p>
                {form.conflict && (
                  <Button size="sm" onClick={() => { form.reset(); void client.invalidateQueries({ queryKey: [kind.kind, "one"] }); }}>{t("reload")}</Button>
                )}
              </div>
            )}
            <div className="flex items-center gap-2">
              <Button type="submit" variant="primary" busy={form.saving} disabled={!isNew && !form.changed}>{isNew ? t("create") : t("save")}</Button>
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
