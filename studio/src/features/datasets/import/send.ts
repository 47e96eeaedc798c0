import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { portionsOf } from "../items";
import type { ItemSpec } from "../kind";

/** What the API takes of one file, with room for letters of several bytes. */
const MANY = 10_000;
const LARGE = 7 << 20;

/** What came of a file that was sent in several portions. */
export interface Imported {
  created: number;
  updated: number;
  skipped: number;
  /** What is wrong, by the number of the row from 1; 0 for the file as a whole. */
  faults: { row: number; field: string; message: string }[];
  /** What ended it early. */
  error: unknown;
}

const post = (dataset: string, body: string, format: "jsonl" | "yaml", skip: boolean) =>
  unwrap(api.POST("/api/v1/datasets/{id}/import", {
    params: { path: { id: dataset }, query: { format, on_error: skip ? "skip" : "fail" } },
    headers: { "content-type": format === "yaml" ? "application/yaml" : "application/x-ndjson" },
    body: body as never,
    bodySerializer: (text) => text as unknown as string,
  })) as Promise<Schemas["ImportResult"]>;

/** Sends items as JSON Lines. A file that one request takes is imported as a whole or not at all. */
export async function sendItems(dataset: string, items: readonly ItemSpec[], skip: boolean, progress: (done: number) => void): Promise<Imported> {
  const all: Imported = { created: 0, updated: 0, skipped: 0, faults: [], error: null };
  let offset = 0;
  for (const portion of portionsOf(items.map((item) => ({ item })), MANY, LARGE)) {
    const text = portion.map((row) => JSON.stringify(row.item)).join("\n");
    if (!await sendInto(all, () => post(dataset, text, "jsonl", skip), offset)) return all;
    offset += portion.length;
    progress(offset);
  }
  return all;
}

/** Sends a text of YAML as it is. */
export async function sendYaml(dataset: string, text: string, skip: boolean): Promise<Imported> {
  const all: Imported = { created: 0, updated: 0, skipped: 0, faults: [], error: null };
  await sendInto(all, () => post(dataset, text, "yaml", skip), 0);
  return all;
}

async function sendInto(all: Imported, send: () => Promise<Schemas["ImportResult"]>, offset: number): Promise<boolean> {
  try {
    const result = await send();
    all.created += result.created;
    all.updated += result.updated;
    all.skipped += result.skipped;
    all.faults.push(...result.errors.map((fault) => faultOf(fault.field, fault.message, offset)));
    return true;
  } catch (error) {
    all.error = error;
    if (error instanceof ApiError) all.faults.push(...[...error.fields].map(([field, message]) => faultOf(field, message, offset)));
    return false;
  }
}

/** `/lines/3/input` is the field `input` of the third row of its portion. */
export function faultOf(pointer: string, message: string, offset: number): Imported["faults"][number] {
  const [, line, field] = /^\/lines\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
  return line === undefined ? { row: 0, field: pointer, message } : { row: Number(line) + offset, field: field ?? "", message };
}
