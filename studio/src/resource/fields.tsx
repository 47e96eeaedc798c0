import { useState } from "react";
import { useText } from "@/i18n";
import { CodeEditor } from "@/ui/code-editor";
import { Field } from "@/ui/field";
import type { ResourceForm } from "./form";
import { resourceTexts } from "./i18n";

// Forms of any kind: what is said of a form here does not depend on what it is a form of.
type AnyForm = Pick<ResourceForm<never, never>, "get" | "text" | "set">;

interface Typed {
  target: { value: string };
}

/**
 * Props of a text control at a pointer: `<Input {...textAt(form, "/name")} />`. When nothing is typed an empty text is sent, or null, or
 * the value is left out (`absent`).
 */
export const textAt = (form: AnyForm, pointer: string, empty: "text" | "null" | "absent" = "text") => ({
  value: form.text(pointer),
  onChange: ({ target: { value } }: Typed) => form.set(pointer, value !== "" || empty === "text" ? value : empty === "null" ? null : undefined),
});

/** Props of a control of a number. What is shown is the value divided by `scale`: seconds of milliseconds, say. */
export const numberAt = (form: AnyForm, pointer: string, scale = 1) => {
  const value = form.get(pointer);
  return {
    type: "number",
    inputMode: "decimal" as const,
    value: typeof value === "number" ? String(value / scale) : "",
    onChange: (event: Typed) => form.set(pointer, event.target.value === "" ? undefined : Number(event.target.value) * scale),
  };
};

/** Props of a box to tick; what is not ticked is left out. */
export const tickAt = (form: AnyForm, pointer: string) => ({
  checked: form.get(pointer) === true,
  onChange: (event: { target: { checked: boolean } }) => form.set(pointer, event.target.checked || undefined),
});

/** JSON in an editor: what cannot be read stays there and is not sent. */
export function JsonField({ form, pointer, label, hint }: { form: AnyForm; pointer: string; label: string; hint?: string }) {
  const t = useText(resourceTexts);
  const value = form.get(pointer);
  const written = value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
  // What was typed counts as long as it says what the form holds, or cannot be read: spaces are the person's.
  const [typed, setTyped] = useState<string | null>(null);
  const read = typed === null ? null : parsed(typed);
  const broken = typed !== null && read === null;
  const shown = typed !== null && (broken || JSON.stringify(read?.value, null, 2) === (written || undefined)) ? typed : written;
  const change = (text: string) => {
    setTyped(text);
    const next = parsed(text);
    if (next) form.set(pointer, next.value);
  };
  return (
    <Field label={label} pointer={pointer} hint={broken ? t("badJson") : hint}>
      <CodeEditor language="json" label={label} value={shown} onChange={change} />
    </Field>
  );
}

/** The value of a text of JSON, nothing for an empty one; null for what is no JSON. */
function parsed(text: string): { value: unknown } | null {
  if (text.trim() === "") return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}
