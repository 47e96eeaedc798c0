/**
 * Cells of a spreadsheet from the clipboard: tabs between cells, lines between rows, and quotes around what has either in it.
 * A text with quotes in the middle of a cell is left as it is.
 */
export function parseTsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (;;) {
    let cell = "";
    const quoted = source[at] === '"' ? closing(source, at) : -1;
    if (quoted >= 0) {
      cell = source.slice(at + 1, quoted).replaceAll('""', '"');
      at = quoted + 1;
    } else {
      const end = nextBreak(source, at);
      cell = source.slice(at, end);
      at = end;
    }
    row.push(cell);
    if (source[at] !== "\t") {
      rows.push(row);
      row = [];
    }
    if (at >= source.length) return rows;
    at += 1;
  }
}

/** Where a quoted cell ends, -1 when what begins here is no quoted cell. */
function closing(source: string, from: number): number {
  for (let at = source.indexOf('"', from + 1); at >= 0; at = source.indexOf('"', at + 1)) {
    if (source[at + 1] === '"') at += 1;
    else return at + 1 === source.length || source[at + 1] === "\t" || source[at + 1] === "\n" ? at : -1;
  }
  return -1;
}

function nextBreak(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) if (source[at] === "\t" || source[at] === "\n") return at;
  return source.length;
}

/** Cells as spreadsheets take them from the clipboard. */
export const writeTsv = (rows: readonly (readonly string[])[]) => rows.map((row) => row.map(cellOf).join("\t")).join("\n");

const cellOf = (text: string) => (/[\t\n\r]|^"/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
