import type { Query, Schemas } from "@/api/client";
import type { Span } from "@/lib/time-range";

/** A condition of the API's filters. */
export type Condition = NonNullable<Schemas["ViewSpec"]["filter"]>[number] & { value?: unknown };

/** Parts of a trace of which one chooses values; the key is the name in the address, the value that of the API's column. */
export const FACETS = {
  environment: "environment", name: "name", tag: "tags", model: "model", user_id: "userId", session_id: "sessionId",
  release: "release", version: "version", prompt_name: "promptName",
} as const;
/** One of them. */
export type Facet = keyof typeof FACETS;

/** Parts of a trace that are between two numbers. */
export const BOUNDS = { latency: "latency", cost: "totalCost", tokens: "totalTokens" } as const;
/** One of them. */
export type Bound = keyof typeof BOUNDS;

/** What the list is filtered by, as it stands in the address. */
export const NO_FILTERS = {
  q: "", environment: "", name: "", tag: "", model: "", user_id: "", session_id: "", release: "", version: "", prompt_name: "",
  status: "", public: "", min_latency: "", max_latency: "", min_cost: "", max_cost: "", min_tokens: "", max_tokens: "",
  /** Further conditions, as JSON. */
  filter: "",
};
/** The same with values. */
export type Filters = { [K in keyof typeof NO_FILTERS]: string };

/** Chosen values: one stands in the address as it is, several as a JSON list. */
export function chosen(text: string): string[] {
  if (text === "") return [];
  if (text.startsWith("[")) {
    try {
      const list = JSON.parse(text) as unknown;
      if (Array.isArray(list) && list.every((one) => typeof one === "string")) return list as string[];
    } catch {
      // A value that begins with a bracket.
    }
  }
  return [text];
}

/** The reverse of {@link chosen}. */
export const choice = (values: readonly string[]): string =>
  values.length === 0 ? "" : values.length === 1 && !values[0]?.startsWith("[") ? values[0] ?? "" : JSON.stringify(values);

/** Further conditions of the address; none where somebody broke the link. */
export function further(text: string): Condition[] {
  if (text === "") return [];
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) ? list.filter((one): one is Condition => typeof one === "object" && one !== null && "column" in one) : [];
  } catch {
    return [];
  }
}

const options = (column: string, values: string[]): Condition =>
  column === "tags"
    ? { type: "arrayOptions", column, operator: "any of", value: values }
    : { type: "stringOptions", column, operator: "any of", value: values };

/** All that the filters ask, as conditions: for the API, for views, for aggregates. `without` leaves one facet out. */
export function conditionsOf(filters: Filters, without?: Facet | "status"): Condition[] {
  const found: Condition[] = [];
  if (filters.q) found.push({ type: "string", column: "search", operator: "contains", value: filters.q });
  for (const [facet, column] of Object.entries(FACETS) as [Facet, string][]) {
    const values = chosen(filters[facet]);
    if (values.length > 0 && facet !== without) found.push(options(column, values));
  }
  if (filters.status && without !== "status") {
    found.push({ type: "stringOptions", column: "level", operator: filters.status === "error" ? "any of" : "none of", value: ["ERROR"] });
  }
  if (filters.public) found.push({ type: "boolean", column: "public", operator: "=", value: filters.public === "true" });
  for (const [bound, column] of Object.entries(BOUNDS) as [Bound, string][]) {
    const least = numberOf(filters[`min_${bound}`]);
    const most = numberOf(filters[`max_${bound}`]);
    if (least !== null) found.push({ type: "number", column, operator: ">=", value: least });
    if (most !== null) found.push({ type: "number", column, operator: "<=", value: most });
  }
  return [...found, ...further(filters.filter)];
}

const numberOf = (text: string): number | null => (text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text));

/** The filters of a list of conditions; what has no place of its own is kept in `filter`. */
export function filtersOf(conditions: readonly Condition[]): Filters {
  const filters: Filters = { ...NO_FILTERS };
  const rest: Condition[] = [];
  for (const condition of conditions) if (!place(filters, condition)) rest.push(condition);
  if (rest.length > 0) filters.filter = JSON.stringify(rest);
  return filters;
}

function place(filters: Filters, { type, column, operator, value }: Condition): boolean {
  const put = (name: keyof Filters, text: string) => {
    if (filters[name] !== "") return false;
    filters[name] = text;
    return true;
  };
  if (column === "search" && operator === "contains" && typeof value === "string") return put("q", value);
  const facet = (Object.keys(FACETS) as Facet[]).find((one) => FACETS[one] === column);
  if (facet && operator === "any of" && Array.isArray(value)) return put(facet, choice(value as string[]));
  if (facet && type === "string" && operator === "=" && typeof value === "string") return put(facet, choice([value]));
  if (column === "level" && type === "stringOptions" && Array.isArray(value) && value.join() === "ERROR") {
    return put("status", operator === "any of" ? "error" : "ok");
  }
  if (column === "public" && type === "boolean" && operator === "=") return put("public", String(value));
  const bound = (Object.keys(BOUNDS) as Bound[]).find((one) => BOUNDS[one] === column);
  if (bound && typeof value === "number" && operator === ">=") return put(`min_${bound}`, String(value));
  if (bound && typeof value === "number" && operator === "<=") return put(`max_${bound}`, String(value));
  return false;
}

/** What a list of traces, sessions or users, a stream or a file is asked with. */
export function queryOf(filters: Filters, span: Span): Query {
  const { q, ...rest } = filters;
  const conditions = conditionsOf({ ...rest, q: "" });
  return { q, filter: conditions.length > 0 ? JSON.stringify(conditions) : null, from: span.from, to: span.to };
}

/** Whether anything is filtered by. */
export const isFiltered = (filters: Filters) => (Object.keys(NO_FILTERS) as (keyof Filters)[]).some((name) => filters[name] !== "");
