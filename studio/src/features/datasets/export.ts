import { address, open } from "@/api/client";

/** The formats that the API writes. */
export type ExportFormat = "csv" | "jsonl" | "yaml";

/** Reads all items as one file, a thousand at a time, and has the browser save it. */
export async function exportItems(dataset: { id: string; name: string }, format: ExportFormat, version: string): Promise<void> {
  const parts: string[] = [];
  let cursor: string | null = null;
  do {
    const path = address(`/api/v1/datasets/${encodeURIComponent(dataset.id)}/export`, { format, version, cursor });
    const answer: Response = await open(path, {});
    parts.push(await answer.text());
    cursor = answer.headers.get("x-next-cursor");
  } while (cursor);
  const url = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${fileName(dataset.name)}${version ? `-v${version}` : ""}.${format}`;
  link.click();
  URL.revokeObjectURL(url);
}

/** A name that every file system takes. */
export const fileName = (name: string) => name.trim().replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replaceAll(/^[-.]+|-+$/g, "").slice(0, 80) || "dataset";
