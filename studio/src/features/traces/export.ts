import { address, open, type Query } from "@/api/client";
import { chosen, type Filters } from "./conditions";
import type { Span } from "@/lib/time-range";

/** What can be saved as a file. */
export type ExportKind = "traces" | "observations" | "scores";

/** Saves a file that the API sends bit by bit; `onBytes` tells how much has come. */
export async function saveFile(path: string, query: Query, name: string, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<number> {
  const response = await open(address(path, query), { accept: "*/*" }, signal);
  const parts: Blob[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    // A blob may lie on the disk; the pieces themselves would all be memory.
    parts.push(new Blob([value]));
    onBytes(size);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return size;
}

/** What of the filters of traces the files of observations and scores know. */
export function sharedQuery(filters: Filters, span: Span): Query {
  const columns = { environment: "environment", name: "traceName", tag: "tags", user_id: "userId" } as const;
  const conditions = (Object.keys(columns) as (keyof typeof columns)[]).flatMap((name) => {
    const value = chosen(filters[name]);
    return value.length === 0 ? [] : [{ type: name === "tag" ? "arrayOptions" : "stringOptions", column: columns[name], operator: "any of", value }];
  });
  return { filter: conditions.length > 0 ? JSON.stringify(conditions) : null, session_id: chosen(filters.session_id)[0] ?? null, from: span.from, to: span.to };
}
