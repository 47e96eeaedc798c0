import { type FieldId, FIELDS } from "./fields";
import type { CellChange, RowView } from "./draft";

/** What is pasted: cells of rows that are there, and texts of rows that are to be added. */
export interface Pasted {
  cells: CellChange[];
  rows: { field: FieldId; text: string }[][];
}

/** Columns that the first row names; null when it names none but holds values. */
export function headerOf(first: readonly string[], labels: Readonly<Record<string, string>>): (FieldId | null)[] | null {
  const byName = new Map<string, FieldId>();
  for (const { id } of FIELDS) {
    byName.set(id, id);
    byName.set((labels[id] ?? id).toLowerCase(), id);
  }
  const named = first.map((cell) => byName.get(cell.trim().toLowerCase()) ?? null);
  const found = named.filter((one) => one !== null).length;
  // One word may be a value by chance; two columns, or a single column that is named, are a header.
  return found >= 2 || (found === 1 && first.length === 1) ? named : null;
}

/**
 * Where cells of the clipboard go: from the active cell to the right and down, past the end into new rows. With a header they go
 * to the columns it names, all as new rows. One single cell fills the whole selection.
 */
export function pasteInto({ cells, columns, rows, at, selection, labels }: {
  cells: readonly (readonly string[])[];
  columns: readonly FieldId[];
  rows: readonly RowView[];
  at: { row: number; column: number };
  selection: { rows: readonly number[]; columns: readonly number[] };
  labels: Readonly<Record<string, string>>;
}): Pasted {
  const header = cells.length > 1 ? headerOf(cells[0] ?? [], labels) : null;
  if (header) {
    const added = cells.slice(1).map((line) => line.flatMap((text, index) => {
      const field = header[index];
      return field && text !== "" ? [{ field, text }] : [];
    }));
    return { cells: [], rows: added.filter((line) => line.length > 0) };
  }
  const single = cells.length === 1 && cells[0]?.length === 1 ? cells[0][0] : undefined;
  if (single !== undefined && selection.rows.length * selection.columns.length > 1) {
    return { rows: [], cells: selection.rows.flatMap((r) => selection.columns.flatMap((c) => change(rows[r], columns[c], single))) };
  }
  const result: Pasted = { cells: [], rows: [] };
  cells.forEach((line, down) => {
    const row = rows[at.row + down];
    if (row) result.cells.push(...line.flatMap((text, right) => change(row, columns[at.column + right], text)));
    else result.rows.push(line.flatMap((text, right) => { const field = columns[at.column + right]; return field && text !== "" ? [{ field, text }] : []; }));
  });
  result.rows = result.rows.filter((line) => line.length > 0);
  return result;
}

const change = (row: RowView | undefined, field: FieldId | undefined, text: string): CellChange[] => (row && field ? [{ row, field, text }] : []);
