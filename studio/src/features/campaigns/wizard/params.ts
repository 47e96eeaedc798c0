/** What this form knows of JSON Schema. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  items?: Schema;
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  [keyword: string]: unknown;
}

/** How a value of a schema is asked for. */
export type FieldKind =
  | { type: "tick" } | { type: "text" } | { type: "long" } | { type: "lines" } | { type: "json" }
  | { type: "number"; whole: boolean } | { type: "choice"; choices: string[] } | { type: "choices"; choices: string[] };

/** Texts that may be longer than this get several lines. */
const LONG = 200;

const texts = (values: unknown[] | undefined): string[] | null => (values && values.every((one) => typeof one === "string") ? (values as string[]) : null);

/** The control for a schema; JSON for whatever is no plain value. */
export function fieldOf(schema: Schema): FieldKind {
  const choices = texts(schema.enum);
  if (choices) return { type: "choice", choices };
  const type = Array.isArray(schema.type) ? schema.type.filter((one) => one !== "null") : [schema.type];
  if (type.length !== 1) return { type: "json" };
  switch (type[0]) {
    case "boolean": return { type: "tick" };
    case "integer": return { type: "number", whole: true };
    case "number": return { type: "number", whole: false };
    case "string": return (schema.maxLength ?? 0) > LONG ? { type: "long" } : { type: "text" };
    case "array": {
      const several = texts(schema.items?.enum);
      if (several) return { type: "choices", choices: several };
      return schema.items?.type === "string" ? { type: "lines" } : { type: "json" };
    }
    default: return { type: "json" };
  }
}
