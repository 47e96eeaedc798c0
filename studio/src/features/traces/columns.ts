import type { Condition } from "./conditions";

/** How a column is compared; the API's types of conditions. */
export type ColumnType = Condition["type"];

/** A column that conditions may be about. */
export interface FilterColumn {
  column: string;
  type: ColumnType;
  /** The key of its name in the texts. */
  label: string;
  /** Values that there are, where they are few. */
  values?: readonly string[];
}

const LEVELS = ["DEBUG", "DEFAULT", "WARNING", "ERROR"] as const;
/** Kinds of observations. */
export const TYPES = ["SPAN", "GENERATION", "EVENT", "EMBEDDING", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "GUARDRAIL", "EVALUATOR"] as const;

/** Columns of traces. */
export const TRACE_COLUMNS: readonly FilterColumn[] = [
  { column: "name", type: "string", label: "name" },
  { column: "environment", type: "stringOptions", label: "environment" },
  { column: "tags", type: "arrayOptions", label: "tags" },
  { column: "model", type: "stringOptions", label: "model" },
  { column: "metadata", type: "stringObject", label: "metadata" },
  { column: "input", type: "string", label: "input" },
  { column: "output", type: "string", label: "output" },
  { column: "scores_avg", type: "numberObject", label: "score" },
  { column: "score_categories", type: "categoryOptions", label: "scoreLabel" },
  { column: "userId", type: "string", label: "user" },
  { column: "sessionId", type: "string", label: "session" },
  { column: "release", type: "stringOptions", label: "release" },
  { column: "version", type: "stringOptions", label: "version" },
  { column: "promptName", type: "stringOptions", label: "prompt" },
  { column: "level", type: "stringOptions", label: "level", values: LEVELS },
  { column: "observationType", type: "stringOptions", label: "observationType", values: TYPES },
  { column: "observationName", type: "stringOptions", label: "observationName" },
  { column: "latency", type: "number", label: "latencySeconds" },
  { column: "totalCost", type: "number", label: "totalCost" },
  { column: "totalTokens", type: "number", label: "totalTokens" },
  { column: "inputTokens", type: "number", label: "inputTokens" },
  { column: "outputTokens", type: "number", label: "outputTokens" },
  { column: "errorCount", type: "number", label: "errorCount" },
  { column: "warningCount", type: "number", label: "warningCount" },
  { column: "observationCount", type: "number", label: "observationCount" },
  { column: "public", type: "boolean", label: "public" },
];

/** Columns of scores. */
export const SCORE_COLUMNS: readonly FilterColumn[] = [
  { column: "environment", type: "stringOptions", label: "environment" },
  { column: "source", type: "stringOptions", label: "source", values: ["API", "ANNOTATION", "EVAL"] },
  { column: "dataType", type: "stringOptions", label: "dataType", values: ["NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT", "CORRECTION"] },
  { column: "traceName", type: "string", label: "traceName" },
  { column: "userId", type: "string", label: "user" },
  { column: "tags", type: "arrayOptions", label: "tags" },
  { column: "comment", type: "string", label: "comment" },
  { column: "metadata", type: "stringObject", label: "metadata" },
];

const TEXT = ["=", "<>", "contains", "does not contain", "starts with", "ends with"] as const;
const NUMBER = [">=", ">", "<=", "<", "=", "<>"] as const;
const LIST = ["any of", "none of"] as const;

/** How each type can be compared. */
export const OPERATORS: Partial<Record<ColumnType, readonly string[]>> = {
  string: TEXT, stringObject: TEXT, number: NUMBER, numberObject: NUMBER,
  stringOptions: LIST, categoryOptions: LIST, arrayOptions: ["any of", "all of", "none of"], boolean: ["="],
};

/** Whether a condition looks at a key: of metadata, or at the score of that name. */
export const isKeyed = (type: ColumnType) => type === "stringObject" || type === "numberObject" || type === "categoryOptions" || type === "booleanObject";
/** Whether it is compared with a list of values. */
export const isList = (type: ColumnType) => type === "stringOptions" || type === "categoryOptions" || type === "arrayOptions";
/** Whether it is compared with a number. */
export const isNumber = (type: ColumnType) => type === "number" || type === "numberObject";

/** A new condition on a column. */
export function conditionOn({ column, type, values }: FilterColumn): Condition {
  const operator = OPERATORS[type]?.[0] ?? "=";
  return {
    type, column, operator: type === "string" || type === "stringObject" ? "contains" : operator,
    ...(isKeyed(type) ? { key: "" } : {}),
    value: isList(type) ? (values ? [values[0] ?? ""] : []) : isNumber(type) ? 0 : type === "boolean" ? true : "",
  } as Condition;
}

/** What a condition is compared with, as it is typed. */
export const typedValue = ({ value }: Condition) => (Array.isArray(value) ? value.join(", ") : value === null || value === undefined ? "" : String(value));

/** What was typed, as the API wants it. */
export function valueOf(type: ColumnType, typed: string): unknown {
  if (isList(type)) return typed.split(",").map((one) => one.trim()).filter((one) => one !== "");
  if (isNumber(type)) return typed === "" ? null : Number(typed);
  if (type === "boolean") return typed === "true";
  return typed;
}
