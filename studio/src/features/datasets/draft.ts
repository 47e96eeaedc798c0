import { type FieldId, FIELDS, textOf, withText } from "./fields";
import { type Item, type ItemSpec, specOfItem } from "./kind";

/** A row of the grid: an item that is saved, or one that is to be. */
export interface RowView {
  id: string;
  item: ItemSpec;
  state: "saved" | "changed" | "added";
}

interface Edit {
  /** What the server had when the change began, to tell whether somebody else changed it meanwhile. */
  base: Item;
  item: ItemSpec;
}

/** What is not saved yet. Every change makes another draft, so that undoing is going back. */
export interface Draft {
  edits: ReadonlyMap<string, Edit>;
  added: readonly { id: string; item: ItemSpec }[];
  removed: ReadonlyMap<string, Item>;
  /** Texts that are no value of their field, by row and field: they wait in the grid and keep it from being saved. */
  broken: ReadonlyMap<string, string>;
  /** Numbers the rows that are added. */
  next: number;
}

/** Nothing is changed. */
export const CLEAN: Draft = { edits: new Map(), added: [], removed: new Map(), broken: new Map(), next: 1 };

/** A draft as JSON can hold it. */
export interface PackedDraft {
  edits: [string, Edit][];
  added: Draft["added"];
  removed: [string, Item][];
  broken: [string, string][];
  next: number;
}

/** A draft to be put aside, and {@link unpacked} again. */
export const packed = ({ edits, added, removed, broken, next }: Draft): PackedDraft => ({ edits: [...edits], added, removed: [...removed], broken: [...broken], next });
/** The draft that was {@link packed}. */
export const unpacked = ({ edits, added, removed, broken, next }: PackedDraft): Draft => ({ edits: new Map(edits), added, removed: new Map(removed), broken: new Map(broken), next });

/** Where a broken text is kept. */
export const cellKey = (row: string, field: FieldId) => `${row} ${field}`;

/** How many rows would be written, and how many taken away. */
export const sizeOf = (draft: Draft) => draft.edits.size + draft.added.length + draft.removed.size;

/** Rows by what they show: a row that says the same is the same, so that it is drawn once. */
const savedRows = new WeakMap<Item, RowView>();
const changedRows = new WeakMap<Edit, RowView>();

function rowOf(item: Item): RowView {
  let row = savedRows.get(item);
  if (!row) savedRows.set(item, (row = { id: item.id, item: item as ItemSpec, state: "saved" }));
  return row;
}

function changedRow(id: string, edit: Edit): RowView {
  let row = changedRows.get(edit);
  if (!row) changedRows.set(edit, (row = { id, item: edit.item, state: "changed" }));
  return row;
}

/** The rows as they are with the draft: new ones stand at the end, where saving puts them. */
export function rowsOf(items: readonly Item[], draft: Draft): RowView[] {
  const rows: RowView[] = [];
  const clean = draft.removed.size === 0 && draft.edits.size === 0;
  for (const item of items) {
    if (!clean && draft.removed.has(item.id)) continue;
    const edit = clean ? undefined : draft.edits.get(item.id);
    rows.push(edit ? changedRow(item.id, edit) : rowOf(item));
  }
  for (const { id, item } of draft.added) rows.push({ id, item, state: "added" });
  return rows;
}

/** {@link Draft.broken}. */
export type BrokenTexts = Draft["broken"];

/** The text of a cell. */
export const cellText = (broken: BrokenTexts, row: RowView, field: FieldId) => (broken.size > 0 ? broken.get(cellKey(row.id, field)) : undefined) ?? textOf(field, row.item[field]);

/** Whether a cell can be typed into: the key of a saved item is what it is known by in every version. */
export const mayEdit = (row: RowView, field: FieldId) => field !== "key" || row.state === "added";

/** What a cell is to hold. */
export interface CellChange {
  row: RowView;
  field: FieldId;
  text: string;
}

/** Puts texts into cells. `items` are the server's. */
export function withCells(draft: Draft, items: readonly Item[], changes: readonly CellChange[]): Draft {
  const edits = new Map(draft.edits);
  const broken = new Map(draft.broken);
  const added = new Map(draft.added.map((one) => [one.id, one]));
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const { row, field, text } of changes) {
    if (!mayEdit(row, field)) continue;
    const key = cellKey(row.id, field);
    const fresh = added.get(row.id);
    const base = byId.get(row.id);
    const before = fresh?.item ?? edits.get(row.id)?.item ?? (base && specOfItem(base));
    if (!before) continue;
    // What is typed as it was is no change: of a value that has several ways to be written, the old one stays.
    if (!broken.has(key) && textOf(field, before[field]) === text) continue;
    const { item, wrong } = withText(before, field, text);
    if (wrong) broken.set(key, text);
    else broken.delete(key);
    const next = wrong ? before : item;
    if (fresh) added.set(row.id, { id: row.id, item: next });
    else if (base) put(edits, base, next, wrong);
  }
  return { ...draft, edits, broken, added: draft.added.map((one) => added.get(one.id) ?? one) };
}

/** Puts a whole item in place of a row's. */
export function withItem(draft: Draft, items: readonly Item[], row: RowView, item: ItemSpec): Draft {
  const broken = new Map([...draft.broken].filter(([key]) => !key.startsWith(`${row.id} `)));
  if (row.state === "added") return { ...draft, broken, added: draft.added.map((one) => (one.id === row.id ? { ...one, item } : one)) };
  const base = items.find((one) => one.id === row.id);
  if (!base) return draft;
  const edits = new Map(draft.edits);
  put(edits, base, { ...item, key: base.key }, false);
  return { ...draft, edits, broken };
}

/** An item that is as it was before is no change. */
function put(edits: Map<string, Edit>, current: Item, item: ItemSpec, keep: boolean): void {
  const base = edits.get(current.id)?.base ?? current;
  if (!keep && sameItem(specOfItem(base), item)) edits.delete(base.id);
  else edits.set(base.id, { base, item });
}

/** Rows at the end. */
export function withRows(draft: Draft, items: readonly ItemSpec[]): Draft {
  const added = items.map((item, index) => ({ id: `new-${draft.next + index}`, item }));
  return { ...draft, added: [...draft.added, ...added], next: draft.next + items.length };
}

/** Takes rows away. Saved ones are deleted when the draft is saved. */
export function withoutRows(draft: Draft, items: readonly Item[], rows: ReadonlySet<string>): Draft {
  const removed = new Map(draft.removed);
  const edits = new Map(draft.edits);
  for (const item of items) {
    if (!rows.has(item.id)) continue;
    removed.set(item.id, edits.get(item.id)?.base ?? item);
    edits.delete(item.id);
  }
  const broken = new Map([...draft.broken].filter(([key]) => !rows.has(key.slice(0, key.indexOf(" ")))));
  return { ...draft, removed, edits, broken, added: draft.added.filter((one) => !rows.has(one.id)) };
}

/** Whether two items say the same; the order of fields and fields without a value do not count. */
export function sameItem(a: ItemSpec, b: ItemSpec): boolean {
  return FIELDS.every(({ id }) => textOf(id, a[id]) === textOf(id, b[id]));
}

/** Items that somebody else has changed or deleted since the draft began: their keys. */
export function conflictsOf(draft: Draft, now: readonly Item[]): string[] {
  const byId = new Map(now.map((item) => [item.id, item]));
  const bases = [...[...draft.edits.values()].map((edit) => edit.base), ...draft.removed.values()];
  return bases.filter((base) => {
    const current = byId.get(base.id);
    return !current || !sameItem(specOfItem(current), specOfItem(base));
  }).map((base) => base.key);
}
