/** A place in the grid. */
export interface Place {
  row: number;
  column: number;
}

/** Rows that a page up or down goes over. */
const PAGE = 12;

/** Where a key leads; null for keys that do not move. */
export function moved(at: Place, key: string, far: boolean, size: { rows: number; columns: number }): Place | null {
  const last = { row: size.rows - 1, column: size.columns - 1 };
  const to = (row: number, column: number): Place => ({ row: Math.max(0, Math.min(last.row, row)), column: Math.max(0, Math.min(last.column, column)) });
  switch (key) {
    case "ArrowUp": return to(far ? 0 : at.row - 1, at.column);
    case "ArrowDown": return to(far ? last.row : at.row + 1, at.column);
    case "ArrowLeft": return to(at.row, far ? 0 : at.column - 1);
    case "ArrowRight": return to(at.row, far ? last.column : at.column + 1);
    case "Home": return to(far ? 0 : at.row, 0);
    case "End": return to(far ? last.row : at.row, last.column);
    case "PageUp": return to(at.row - PAGE, at.column);
    case "PageDown": return to(at.row + PAGE, at.column);
    default: return null;
  }
}

/** All numbers from one to another, in either direction. */
export function range(a: number, b: number): number[] {
  const start = Math.min(a, b);
  return Array.from({ length: Math.abs(a - b) + 1 }, (_, index) => start + index);
}
