import { type ReactNode, useContext } from "react";
import { FieldErrors } from "@/ui/field";
import { Told } from "@/ui/told";
import type { JsonSchema } from "./shape";

/** What a control of a schema takes; `undefined` means that the value is left out. */
export interface SchemaControlProps {
  schema: JsonSchema;
  /** The whole document, to which references lead. */
  root: JsonSchema;
  value: unknown;
  onChange(value: unknown): void;
  /** Where the value stands in what is sent, so that the server's complaints find it. */
  pointer: string;
  label: string;
  required?: boolean;
  /** Whether it is one of many: texts begin with one line. */
  compact?: boolean;
}

/** Several controls that belong together. */
export function Group({ label, schema, pointer, required, children }: Pick<SchemaControlProps, "label" | "schema" | "pointer" | "required"> & { children: ReactNode }) {
  const errors = useContext(FieldErrors);
  return (
    <fieldset className="grid gap-2 rounded-md border border-line p-3" data-pointer={pointer}>
      <legend className="px-1 text-sm font-medium">{label}{required && <span aria-hidden className="text-copper"> *</span>}</legend>
      {schema.description && <p className="text-xs text-muted"><Told text={schema.description} /></p>}
      {children}
      {errors.has(pointer) && <p role="alert" className="text-xs font-medium text-bad">{errors.get(pointer)}</p>}
    </fieldset>
  );
}
