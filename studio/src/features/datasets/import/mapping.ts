import { type FieldId, FIELDS } from "../fields";
import type { ItemSpec } from "../kind";
import type { Table } from "./read";

/** What a column becomes: a field, an entry of the metadata, or nothing. */
export type Target = FieldId | "+metadata" | "";

/** Which target each column has. */
export type Mapping = Record<string, Target>;

/** Names that other tools and people give to the fields. */
const ALIASES: Record<FieldId, readonly string[]> = {
  key: ["key", "id", "item_id", "external_id", "case", "case_id", "test_id", "name", "title"],
  split: ["split", "subset", "partition", "set"],
  input: ["input", "question", "query", "prompt", "user_input", "user", "message", "user_message", "instruction", "text", "request"],
  turns: ["turns", "user_turns", "conversation_turns"],
  expected_output: ["expected_output", "expected", "answer", "ideal", "reference", "ground_truth", "groundtruth", "target", "output", "response", "expected_answer", "reference_answer", "golden", "label", "completion"],
  expected_outcome: ["expected_outcome", "outcome", "goal"],
  context: ["context", "contexts", "reference_contexts", "documents", "facts"],
  tags: ["tags", "tag", "labels", "categories", "category"],
  expected_tools: ["expected_tools", "tools", "tool_calls", "reference_tool_calls"],
  metrics: ["metrics"],
  history: ["history", "chat_history"],
  metadata: ["metadata", "meta"],
};

const plain = (name: string) => name.trim().toLowerCase().replaceAll(/[\s-]+/g, "_").replace(/^__/, "");

/** A first guess by the names of columns: each field at most once, the rest is kept in the metadata. */
export function guess(columns: readonly string[]): Mapping {
  const mapping: Mapping = {};
  const taken = new Set<FieldId>();
  // The better name wins: `input` before `text`, whatever their order.
  const byRank = FIELDS.flatMap(({ id }) => ALIASES[id].map((alias, rank) => ({ id, alias, rank }))).sort((a, b) => a.rank - b.rank);
  for (const { id, alias } of byRank) {
    const column = columns.find((one) => plain(one) === alias && mapping[one] === undefined);
    if (column === undefined || taken.has(id)) continue;
    mapping[column] = id;
    taken.add(id);
  }
  for (const column of columns) mapping[column] ??= "+metadata";
  return mapping;
}

/** Fields that two columns become. */
export function doubled(mapping: Mapping): FieldId[] {
  const targets = Object.values(mapping).filter((target): target is FieldId => target !== "" && target !== "+metadata");
  return [...new Set(targets.filter((target, index) => targets.indexOf(target) !== index))];
}

/** The rows as items. What cannot be read stays a text, which the server then complains of by its row. */
export function itemsOf(table: Table, mapping: Mapping): ItemSpec[] {
  return table.rows.map((row) => {
    const item: Record<string, unknown> = {};
    const metadata: Record<string, unknown> = {};
    for (const column of table.columns) {
      const target = mapping[column];
      const value = row[column];
      if (!target || value === undefined || value === null || value === "") continue;
      if (target === "+metadata") metadata[column] = value;
      else item[target] = valueFor(target, value);
    }
    const own = item.metadata;
    if (Object.keys(metadata).length > 0) item.metadata = own !== null && typeof own === "object" && !Array.isArray(own) ? { ...metadata, ...own } : metadata;
    return item as ItemSpec;
  });
}

const SHAPES = new Map(FIELDS.map((field) => [field.id, field.shape]));

function valueFor(field: FieldId, value: unknown): unknown {
  const shape = SHAPES.get(field);
  if (shape === "text") return typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  if (shape === "lines") {
    if (Array.isArray(value)) return value.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
    return typeof value === "string" ? listOf(field, value) : [String(value)];
  }
  return typeof value === "string" ? read(value) ?? value : value;
}

/** A list in a cell: JSON, or parts between `|`, or lines; tags also between commas. */
function listOf(field: FieldId, text: string): string[] {
  const json = text.trimStart().startsWith("[") ? read(text) : undefined;
  if (Array.isArray(json)) return json.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  const between = text.includes("|") ? "|" : text.includes("\n") ? "\n" : field === "tags" ? /[,;]/ : "\n";
  return text.split(between).map((part) => part.trim()).filter(Boolean);
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
