import type { ItemSpec } from "./kind";

/** How a field is written in a cell. */
export type FieldShape = "text" | "lines" | "json";

/** A field of an item that can be a column. */
export interface ItemField {
  id: Exclude<keyof ItemSpec, undefined> & string;
  shape: FieldShape;
  width: number;
}

/** Every field, in the order of columns. */
export const FIELDS: readonly ItemField[] = [
  { id: "key", shape: "text", width: 150 },
  { id: "split", shape: "text", width: 90 },
  { id: "input", shape: "text", width: 320 },
  { id: "turns", shape: "lines", width: 280 },
  { id: "expected_output", shape: "text", width: 300 },
  { id: "expected_outcome", shape: "text", width: 240 },
  { id: "context", shape: "lines", width: 240 },
  { id: "tags", shape: "lines", width: 150 },
  { id: "expected_tools", shape: "json", width: 220 },
  { id: "metrics", shape: "json", width: 220 },
  { id: "history", shape: "json", width: 220 },
  { id: "metadata", shape: "json", width: 220 },
];

/** A field's name. */
export type FieldId = ItemField["id"];

const SHAPES = new Map(FIELDS.map((field) => [field.id as string, field.shape]));

/** Columns that are there without anybody asking: those that most items have. */
const USUAL: readonly FieldId[] = ["key", "input", "expected_output", "tags"];

/** The columns to show at first: the usual ones, and whatever the items of these pages make use of. */
export function columnsOf(...pages: (readonly ItemSpec[])[]): FieldId[] {
  const used = new Set<FieldId>(USUAL);
  for (const page of pages) for (const id of usedBy(page)) used.add(id);
  return FIELDS.map((field) => field.id).filter((id) => used.has(id));
}

/** A page that was looked at is not looked at again: there may be hundreds, and each that comes in asks for all. */
const known = new WeakMap<readonly ItemSpec[], ReadonlySet<FieldId>>();

function usedBy(items: readonly ItemSpec[]): ReadonlySet<FieldId> {
  const found = known.get(items);
  if (found) return found;
  const used = new Set<FieldId>();
  for (const item of items) {
    for (const { id } of FIELDS) if (!isEmpty(item[id])) used.add(id);
  }
  known.set(items, used);
  return used;
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** A value as the text of a cell. Lists of texts are one a line where that can be read back, JSON where not. */
export function textOf(id: FieldId, value: unknown): string {
  if (isEmpty(value)) return "";
  const shape = SHAPES.get(id) ?? "json";
  // A list of texts and images is its JSON.
  if (shape === "text" && typeof value !== "object") return String(value);
  if (shape === "lines" && Array.isArray(value)) {
    const plain = value.every((one) => typeof one === "string" && one.trim() === one && one !== "" && !one.includes("\n"));
    if (plain && !String(value[0]).startsWith("[")) return value.join("\n");
  }
  return JSON.stringify(value);
}

/** The value of a cell's text; an empty cell is `undefined`. `wrong` is set for what cannot be read. */
export function valueOf(id: FieldId, text: string): { value: unknown; wrong?: true } {
  if (text.trim() === "") return { value: undefined };
  const shape = SHAPES.get(id) ?? "json";
  if (id === "key" || id === "split") return { value: text.trim() };
  const json = parsed(text);
  if (shape === "text") return { value: showsImages(json) ? json : text };
  if (shape === "lines") {
    if (Array.isArray(json) && text.trimStart().startsWith("[")) return { value: json };
    return { value: text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean) };
  }
  return json === undefined || json === null || typeof json !== "object" ? { value: text, wrong: true } : { value: json };
}

/** Whether a value is a list of texts and images, with an image in it. */
const showsImages = (value: unknown) =>
  Array.isArray(value) && value.some((part: unknown) => typeof part === "object" && part !== null && "image_url" in part);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** An item with one field changed by the text of its cell. */
export function withText(item: ItemSpec, id: FieldId, text: string): { item: ItemSpec; wrong: boolean } {
  const { value, wrong } = valueOf(id, text);
  const { [id]: _, ...rest } = item;
  return { item: value === undefined ? rest : { ...rest, [id]: value } as ItemSpec, wrong: wrong === true };
}
