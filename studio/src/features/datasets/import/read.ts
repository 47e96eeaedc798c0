/** Rows of a file before they are items: each a record by the names of its columns. */
export interface Table {
  format: "CSV" | "TSV" | "JSON" | "JSON Lines" | "YAML";
  columns: string[];
  rows: Record<string, unknown>[];
  /** YAML is not read here but sent as it is. */
  raw?: string;
}

/** Reads a file or a pasted text. What it is shows in the text itself; the name only decides where the text does not. */
export async function readTable(text: string, name = ""): Promise<Table> {
  const trimmed = text.replace(/^\uFEFF/, "").trim();
  if (trimmed === "") return { format: "CSV", columns: [], rows: [] };
  if (/\.ya?ml$/i.test(name)) return { format: "YAML", columns: [], rows: [], raw: trimmed };
  if (trimmed.startsWith("[") || trimmed.startsWith("{")) {
    const whole = json(trimmed);
    if (whole.ok) return table("JSON", listIn(whole.value));
    if (trimmed.startsWith("{")) return table("JSON Lines", lines(trimmed));
    throw new Error(whole.why);
  }
  if (/^- |^\w+:\s*\n\s*- /.test(trimmed) && !trimmed.split("\n", 1)[0]?.includes(",")) return { format: "YAML", columns: [], rows: [], raw: trimmed };
  const { default: Papa } = await import("papaparse");
  const parsed = Papa.parse<Record<string, string>>(trimmed, { header: true, skipEmptyLines: "greedy", transformHeader: (column) => column.trim() });
  const fault = parsed.errors.find((error) => error.type === "Quotes");
  if (fault) throw new Error(`${fault.message}${fault.row === undefined ? "" : ` (${fault.row + 1})`}`);
  const columns = (parsed.meta.fields ?? []).filter((column) => column !== "");
  const rows = parsed.data.map((row) => Object.fromEntries(columns.flatMap((column) => (row[column] ? [[column, row[column]]] : []))));
  return { format: parsed.meta.delimiter === "\t" ? "TSV" : "CSV", columns, rows };
}

function table(format: Table["format"], rows: unknown[]): Table {
  const records = rows.map((row) => (row !== null && typeof row === "object" && !Array.isArray(row) ? (row as Record<string, unknown>) : { input: row }));
  return { format, rows: records, columns: [...new Set(records.flatMap((row) => Object.keys(row)))] };
}

/** The list in a document: itself, or the longest list that one of its fields holds, as other tools wrap theirs. */
function listIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const lists = Object.values((value ?? {}) as Record<string, unknown>).filter((one): one is unknown[] => Array.isArray(one) && one.some((entry) => entry !== null && typeof entry === "object"));
  return lists.sort((a, b) => b.length - a.length)[0] ?? [value];
}

function lines(text: string): unknown[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const read = json(line);
    if (!read.ok) throw new Error(`${index + 1}: ${read.why}`);
    return [read.value];
  });
}

function json(text: string): { ok: true; value: unknown } | { ok: false; why: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
