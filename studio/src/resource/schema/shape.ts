import { valueAt } from "@/lib/pointer";

/** A JSON Schema, of which only what forms need is read. */
export interface JsonSchema {
  type?: string | readonly string[];
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: readonly unknown[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  oneOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  $ref?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  [other: string]: unknown;
}

/** What control a schema gets. */
export type Shape = "object" | "map" | "list" | "enums" | "enum" | "number" | "text" | "long" | "boolean" | "const" | "union" | "json";

/** Texts that may be longer than this get several lines. */
const LONG = 1000;
/** What no control can say: the JSON editor has to. */
const BEYOND = ["allOf", "if", "not", "patternProperties", "dependentSchemas", "prefixItems"] as const;

/** Follows `$ref` within the document, and takes away what only says that the value may be null. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let found = schema;
  // Bounded, since a schema may refer to itself.
  for (let step = 0; step < 8 && found.$ref?.startsWith("#"); step += 1) {
    const { $ref, ...own } = found;
    const target = valueAt(root, decodeURIComponent($ref.slice(1)));
    if (target === null || typeof target !== "object") break;
    found = { ...(target as JsonSchema), ...own };
  }
  const choices = found.anyOf ?? found.oneOf;
  const rest = choices?.filter((one) => one.type !== "null");
  if (choices && rest?.length === 1 && rest.length < choices.length && rest[0]) {
    const { anyOf: _, oneOf: __, ...own } = found;
    return resolved({ ...rest[0], ...own }, root);
  }
  return found;
}

/** The type of a schema, whether or not null may stand in its place; null where there are several. */
export function typeOf(schema: JsonSchema): string | null {
  const types = [schema.type ?? []].flat().filter((type) => type !== "null");
  return types.length === 1 && types[0] ? types[0] : null;
}

/** Whether null is a value of its own. */
export const mayBeNull = (schema: JsonSchema) => [schema.type ?? []].flat().includes("null");

/** The control that a resolved schema gets; what is not understood as a whole is edited as JSON. */
export function shapeOf(schema: JsonSchema, root: JsonSchema): Shape {
  if (BEYOND.some((word) => word in schema)) return "json";
  if ("const" in schema) return "const";
  if (schema.enum) return schema.enum.every((one) => typeof one === "string" || typeof one === "number") ? "enum" : "json";
  if (schema.oneOf ?? schema.anyOf) return "union";
  switch (typeOf(schema)) {
    case "boolean": return "boolean";
    case "number": case "integer": return "number";
    case "string": return (schema.maxLength ?? LONG + 1) > LONG && !schema.pattern && !schema.format ? "long" : "text";
    case "array": {
      if (!schema.items) return "json";
      return shapeOf(resolved(schema.items, root), root) === "enum" ? "enums" : "list";
    }
    case "object": {
      if (schema.properties) return "object";
      if (typeof schema.additionalProperties !== "object") return "json";
      return ["number", "text", "long"].includes(shapeOf(resolved(schema.additionalProperties, root), root)) ? "map" : "json";
    }
    default: return "json";
  }
}

/** What stands there first when somebody adds a value. */
export function initialOf(schema: JsonSchema, root: JsonSchema): unknown {
  const own = resolved(schema, root);
  if (own.default !== undefined) return own.default;
  switch (shapeOf(own, root)) {
    case "const": return own.const;
    case "enum": return own.enum?.[0];
    case "object": return Object.fromEntries((own.required ?? []).flatMap((name) => {
      const property = own.properties?.[name];
      return property ? [[name, initialOf(property, root)]] : [];
    }));
    case "map": return {};
    case "list": return Array.from({ length: Math.min(own.minItems ?? 0, 10) }, () => (own.items ? initialOf(own.items, root) : null));
    case "enums": return [];
    case "union": return initialOf(branchesOf(own, root)[0]?.schema ?? {}, root);
    case "boolean": return false;
    case "text": case "long": return "";
    case "number": return own.minimum ?? 0;
    default: return typeOf(own) === "object" ? {} : undefined;
  }
}

/** One of the forms that a value may have. */
export interface Branch {
  name: string;
  schema: JsonSchema;
}

/** The choices of a union, each with a name: its title, the constant that tells it apart, or its type. */
export function branchesOf(schema: JsonSchema, root: JsonSchema): Branch[] {
  return (schema.oneOf ?? schema.anyOf ?? []).map((one, index) => {
    const own = resolved(one, root);
    const telling = Object.values(own.properties ?? {}).find((property) => "const" in property);
    const name = own.title ?? ("const" in own ? String(own.const) : telling ? String(telling.const) : typeOf(own) ?? `${index + 1}`);
    return { name, schema: own };
  });
}

/** Which choice a value is: the first that does not contradict it. */
export function branchOf(value: unknown, branches: readonly Branch[]): number {
  return branches.findIndex(({ schema }) => fits(value, schema));
}

function fits(value: unknown, schema: JsonSchema): boolean {
  if ("const" in schema) return value === schema.const;
  if (schema.enum) return schema.enum.includes(value);
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => is(value, type))) return false;
  if (!schema.properties || value === null || typeof value !== "object") return true;
  return Object.entries(schema.properties).every(([name, property]) =>
    !("const" in property) || (value as Record<string, unknown>)[name] === property.const);
}

function is(value: unknown, type: string): boolean {
  switch (type) {
    case "null": return value === null;
    case "array": return Array.isArray(value);
    case "object": return value !== null && typeof value === "object" && !Array.isArray(value);
    case "integer": case "number": return typeof value === "number";
    default: return typeof value === type;
  }
}

/** The name of a property as a person reads it: `max_usd` becomes `Max usd`. */
export function readable(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
