import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { valueAt, withValue } from "@/lib/pointer";
import { Button } from "@/ui/button";
import { FieldErrors } from "@/ui/field";
import { messageOf } from "@/ui/states";
import { resourceTexts } from "./i18n";
import { keptDraft, useUnsaved } from "./kept";

/** The state of a form over a document that is no resource: it is sent by whatever `send` is. */
export interface Draft<Spec> {
  value: Spec;
  get(pointer: string): unknown;
  text(pointer: string): string;
  set(pointer: string, value: unknown): void;
  replace(value: Spec): void;
  changed: boolean;
  saving: boolean;
  errors: ReadonlyMap<string, string>;
  error: unknown;
  reset(): void;
  save(): void;
}

/** A form over `initial`. With `guard` a page with changes that are not saved is not left by accident. */
export function useDraft<Spec, Saved>(initial: Spec, send: (value: Spec) => Promise<Saved>, done: (saved: Saved) => void, guard = false): Draft<Spec> {
  const t = useText(resourceTexts);
  const own = useId();
  const [draft, setDraft] = useState<Spec | null>(() => (guard ? keptDraft<Spec>("draft") : null));
  const value = draft ?? initial;
  const changed = draft !== null && JSON.stringify(draft) !== JSON.stringify(initial);
  const saved = useRef(false);
  const save = useMutation({
    mutationFn: send,
    onSuccess: (answer) => {
      saved.current = true;
      setDraft(null);
      done(answer);
    },
  });
  // A form that does not guard its page has nothing put aside; two of them must not speak for each other.
  useUnsaved(guard ? "draft" : own, guard && changed ? draft : null, t("unsaved"), saved);
  const error = save.error;
  const errors = useMemo(() => (error instanceof ApiError ? error.fields : new Map<string, string>()), [error]);
  const draw = (next: Spec | ((before: Spec | null) => Spec)) => {
    if (save.error) save.reset();
    saved.current = false;
    setDraft(next as never);
  };
  return {
    value,
    get: (pointer) => valueAt(value, pointer),
    text: (pointer) => {
      const found = valueAt(value, pointer);
      return found === undefined || found === null ? "" : String(found);
    },
    set: (pointer, next) => draw((before) => withValue(before ?? initial, pointer, next)),
    replace: draw,
    changed,
    saving: save.isPending,
    errors,
    error,
    reset: () => {
      save.reset();
      setDraft(null);
    },
    save: () => {
      if (!save.isPending) save.mutate(value);
    },
  };
}

/** Props of a control of a share of one, shown in percent. Digits that only arithmetic made are left out. */
export const percentAt = (draft: Pick<Draft<unknown>, "get" | "set">, pointer: string) => {
  const value = draft.get(pointer);
  return {
    type: "number",
    inputMode: "decimal" as const,
    value: typeof value === "number" ? String(Number((value * 100).toFixed(8))) : "",
    onChange: (event: { target: { value: string } }) => draft.set(pointer, event.target.value === "" ? undefined : Number((Number(event.target.value) / 100).toFixed(10))),
  };
};

/** The `<form>` of a {@link useDraft}: what the server says stands at its fields, all else below. `id` lets a button outside send it. */
export function DraftForm<Spec>({ draft, id, disabled, buttons, children }: {
  draft: Draft<Spec>;
  id?: string;
  disabled?: boolean;
  /** Buttons below the fields; none where they stand elsewhere, as those of a dialog do. */
  buttons?: ReactNode;
  children: ReactNode;
}) {
  const t = useText(resourceTexts);
  const ref = useRef<HTMLFormElement>(null);
  const [unplaced, setUnplaced] = useState("");
  useEffect(() => {
    const form = ref.current;
    const fields = [...(form?.querySelectorAll("[data-pointer]") ?? [])].map((node) => node.getAttribute("data-pointer") ?? "");
    setUnplaced([...draft.errors]
      .filter(([at]) => !fields.some((field) => at === field || at.startsWith(`${field}/`)))
      .map(([at, text]) => `${at}: ${text}`).join("; "));
    if (draft.errors.size > 0) form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [draft.errors]);
  return (
    <FieldErrors value={draft.errors}>
      <form ref={ref} id={id} noValidate className="grid gap-4" onSubmit={(event) => { event.preventDefault(); event.stopPropagation(); draft.save(); }}>
        <fieldset disabled={disabled} className="grid min-w-0 gap-4">{children}</fieldset>
        {draft.error != null && (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
            {draft.errors.size > 0 ? `${t("fix")} ${unplaced}` : messageOf(draft.error, t("failed"))}
          </p>
        )}
        {buttons}
      </form>
    </FieldErrors>
  );
}

/** Save and discard, at the end of a {@link DraftForm} on a page; `sticky` keeps them in sight of a long one. */
export function DraftButtons<Spec>({ draft, sticky }: { draft: Draft<Spec>; sticky?: boolean }) {
  const t = useText(resourceTexts);
  return (
    <div className={cx("flex items-center gap-2", sticky && "sticky bottom-0 border-t border-line bg-canvas py-3")}>
      <Button type="submit" variant="primary" busy={draft.saving} disabled={!draft.changed}>{t("save")}</Button>
      {draft.changed && <Button variant="ghost" onClick={draft.reset}>{t("discard")}</Button>}
    </div>
  );
}
