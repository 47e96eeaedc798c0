import { type ReactNode, useState } from "react";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import type { ResourceForm } from "./form";

/** A list of texts, one a line. Empty lines are no entries, but stay while somebody types. */
export function LinesField({ form, pointer, label, hint, rows = 2, placeholder, required, keep }: {
  form: Pick<ResourceForm<never, never>, "get" | "set">;
  pointer: string;
  label: ReactNode;
  hint?: ReactNode;
  rows?: number;
  placeholder?: string;
  required?: boolean;
  /** Whether an empty list is sent, where the field may not be left out. */
  keep?: boolean;
}) {
  const value = form.get(pointer);
  const lines = Array.isArray(value) ? value.map(String) : [];
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed !== null && same(read(typed), lines) ? typed : lines.join("\n");
  return (
    <Field label={label} pointer={pointer} hint={hint} {...(required ? { required } : {})}>
      <Textarea
        rows={rows}
        placeholder={placeholder}
        value={shown}
        onChange={(event) => {
          setTyped(event.target.value);
          const next = read(event.target.value);
          form.set(pointer, next.length > 0 || keep ? next : undefined);
        }}
      />
    </Field>
  );
}

const read = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((line, index) => line === b[index]);
