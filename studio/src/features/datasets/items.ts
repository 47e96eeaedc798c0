import { useEffect } from "react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import { type Page, usePages } from "@/api/pages";
import { cellKey, conflictsOf, type Draft } from "./draft";
import { type FieldId, FIELDS } from "./fields";
import { type Item, type ItemSpec, specOfItem } from "./kind";

/** The most that the API gives at once. */
const PAGE = 200;
/** So many are read without anybody scrolling: then finding, selecting and adding see all of a usual dataset. */
const AHEAD = 10_000;
/** Items of one request, in number and in characters: the API takes 1000 and 16 MB. */
const MANY = 500;
const LARGE = 8 << 20;
/** Up to so many changed items are looked up one by one before saving; with more the list is read again. */
const FEW = 20;

const base = (dataset: string) => `/api/v1/datasets/${encodeURIComponent(dataset)}/items`;

/** The items, page after page. */
export function useItems(dataset: string, query: { split?: string | null; version?: string | null }) {
  const pages = usePages<Item>({ key: ["datasets", "items", dataset], path: base(dataset), query, limit: PAGE });
  const { hasNextPage, isFetchingNextPage, fetchNextPage, rows } = pages;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && rows.length < AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, rows.length]);
  return pages;
}

/** All items of a version, up to `most`. */
export async function readAll(dataset: string, version: number | null, most: number, signal?: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const { data }: { data: Page<Item> } = await request("GET", base(dataset), { query: { version, limit: PAGE, cursor }, ...(signal ? { signal } : {}) });
    items.push(...data.data);
    cursor = data.next_cursor;
  } while (cursor && items.length < most);
  return items;
}

/** The items of a draft that somebody else has changed or deleted meanwhile: their keys. */
export async function lookForConflicts(dataset: string, draft: Draft): Promise<string[]> {
  const ids = [...draft.edits.keys(), ...draft.removed.keys()];
  if (ids.length === 0) return [];
  if (ids.length > FEW) return conflictsOf(draft, await readAll(dataset, null, Infinity));
  const found = await Promise.all(ids.map(async (id) => {
    try {
      return (await request<Item>("GET", `${base(dataset)}/${encodeURIComponent(id)}`)).data;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }));
  return conflictsOf(draft, found.filter((item) => item !== null));
}

/** What was done, and what of the draft is left when something failed. */
export interface Saved {
  created: number;
  updated: number;
  removed: number;
  left: Draft;
  error: unknown;
  /** The server's complaints, by cell. */
  cells: ReadonlyMap<string, string>;
}

/** Writes a draft in portions, then deletes. What was done is no longer in the draft that comes back, also when something fails midway. */
export async function saveDraft(dataset: string, draft: Draft, progress: (removed: number) => void): Promise<Saved> {
  const saved: Saved = { created: 0, updated: 0, removed: 0, left: draft, error: null, cells: new Map() };
  let portion: { id: string; item: ItemSpec }[] = [];
  try {
    const rows = [...[...draft.edits].map(([id, edit]) => ({ id, item: edit.item })), ...draft.added];
    for (const next of portionsOf(rows)) {
      portion = next;
      const { data } = await request<Schemas["ItemsDone"]>("POST", base(dataset), { body: { items: portion.map((row) => row.item) } });
      saved.created += data.created;
      saved.updated += data.updated;
      saved.left = without(saved.left, new Set(portion.map((row) => row.id)));
    }
    portion = [];
    for (const id of draft.removed.keys()) {
      await remove(dataset, id);
      saved.removed += 1;
      progress(saved.removed);
      const removed = new Map(saved.left.removed);
      removed.delete(id);
      saved.left = { ...saved.left, removed };
    }
  } catch (error) {
    saved.error = error;
    if (error instanceof ApiError) saved.cells = cellsOf(error.fields, portion.map((row) => row.id));
  }
  return saved;
}

/** What is gone already need not be deleted. */
async function remove(dataset: string, id: string): Promise<void> {
  try {
    await request("DELETE", `${base(dataset)}/${encodeURIComponent(id)}`);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

const without = (draft: Draft, rows: ReadonlySet<string>): Draft => ({
  ...draft,
  edits: new Map([...draft.edits].filter(([id]) => !rows.has(id))),
  added: draft.added.filter((row) => !rows.has(row.id)),
});

/** Portions that one request may have. */
export function portionsOf<T extends { item: unknown }>(rows: readonly T[], many = MANY, large = LARGE): T[][] {
  const portions: T[][] = [];
  let size = Infinity;
  for (const row of rows) {
    const length = JSON.stringify(row.item).length;
    const last = portions.at(-1);
    if (!last || last.length >= many || size + length > large) {
      portions.push([row]);
      size = length;
    } else {
      last.push(row);
      size += length;
    }
  }
  return portions;
}

const KNOWN = new Set<string>(FIELDS.map((field) => field.id));

/** Complaints at `/items/<n>/<field>` by the cells of their rows; those of a whole item stand at its input. */
export function cellsOf(fields: ReadonlyMap<string, string>, rows: readonly string[]): Map<string, string> {
  const cells = new Map<string, string>();
  for (const [pointer, message] of fields) {
    const [, index, name, ...deeper] = pointer.slice(1).split("/");
    const row = rows[Number(index)];
    if (row === undefined) continue;
    const field = (name && KNOWN.has(name) ? name : "input") as FieldId;
    const text = deeper.length > 0 ? `${deeper.join("/")}: ${message}` : message;
    const key = cellKey(row, field);
    cells.set(key, cells.has(key) ? `${cells.get(key)}; ${text}` : text);
  }
  return cells;
}

/** Puts an item back as it was in another version. */
export const putBack = (dataset: string, item: Item) =>
  request<Schemas["ItemsDone"]>("POST", base(dataset), { body: { items: [specOfItem(item)] } });
