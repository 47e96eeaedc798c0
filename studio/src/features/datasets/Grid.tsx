import { useVirtualizer } from "@tanstack/react-virtual";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useText } from "@/i18n";
import { type CellChange, cellText, type Draft, mayEdit, type RowView } from "./draft";
import { type FieldId, FIELDS } from "./fields";
import { GridRow, type RowActs } from "./GridRow";
import { datasetTexts } from "./i18n";
import { moved, type Place, range } from "./navigate";
import { parseTsv, writeTsv } from "./tsv";

/** What the grid takes. The rows are shown as they are with the draft; each change is told and makes another draft. */
export interface GridProps {
  rows: readonly RowView[];
  columns: readonly FieldId[];
  draft: Draft;
  readOnly: boolean;
  tall: boolean;
  /** What the server says of cells, by row and field. */
  errors: ReadonlyMap<string, string>;
  active: Place;
  anchor: Place;
  onMove(active: Place, anchor: Place): void;
  onCells(changes: CellChange[]): void;
  onPaste(cells: string[][]): void;
  onRemove(): void;
  onOpen(row: RowView): void;
  onUndo(): void;
  onRedo(): void;
  onSave(): void;
  /** Called when the end comes into sight. */
  onEnd(): void;
}

const WIDTHS = new Map(FIELDS.map((field) => [field.id, field.width]));
const GUTTER = 60;
/** The header lies over the rows below it. */
const HEAD = 32;

/** Items as a spreadsheet: one focus for the whole grid, the active cell told by `aria-activedescendant`, and only rows in sight in the page. */
export function Grid(props: GridProps) {
  const { rows, columns, draft, readOnly, tall, errors, active, anchor, onMove } = props;
  const t = useText(datasetTexts);
  const scroller = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState<{ initial: string | null } | null>(null);
  const height = tall ? 96 : 36;
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 6, scrollMargin: HEAD, scrollPaddingStart: HEAD, scrollPaddingEnd: 16, useFlushSync: false });
  useEffect(() => virtual.measure(), [virtual, height]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => { if (last >= rows.length - 30) props.onEnd(); }, [last, rows.length]);
  const width = GUTTER + columns.reduce((sum, id) => sum + (WIDTHS.get(id) ?? 200), 0);
  const template = `${GUTTER}px ${columns.map((id) => `${WIDTHS.get(id) ?? 200}px`).join(" ")} minmax(0,1fr)`;
  const row = rows[active.row];
  const field = columns[active.column];
  const selection = {
    top: Math.min(active.row, anchor.row), bottom: Math.max(active.row, anchor.row), left: Math.min(active.column, anchor.column), right: Math.max(active.column, anchor.column),
  };
  const selectedCells = () => ({ rows: range(active.row, anchor.row), columns: range(active.column, anchor.column) });

  const reveal = (to: Place) => {
    virtual.scrollToIndex(to.row);
    const left = columns.slice(0, to.column).reduce((sum, id) => sum + (WIDTHS.get(id) ?? 200), 0);
    const box = scroller.current;
    if (!box) return;
    const end = left + (WIDTHS.get(columns[to.column] ?? "input") ?? 200) + GUTTER;
    if (left < box.scrollLeft) box.scrollLeft = left;
    else if (end > box.scrollLeft + box.clientWidth) box.scrollLeft = end - box.clientWidth;
  };
  // A row that was added, or a cell that is wrong, may be anywhere.
  useEffect(() => reveal(active), [active.row, active.column]);
  const go = (to: Place, extend = false) => {
    onMove(to, extend ? anchor : to);
    // Also where it was there already, but out of sight.
    reveal(to);
  };
  const edit = (initial: string | null) => {
    if (readOnly || !row || !field || !mayEdit(row, field)) return;
    // At once, so that the key that began it, or an input method, types into the editor.
    flushSync(() => setEditing({ initial }));
  };
  const commit = (text: string, step: Place | null) => {
    setEditing(null);
    if (row && field) props.onCells([{ row, field, text }]);
    scroller.current?.focus({ preventScroll: true });
    if (step) go({ row: Math.min(rows.length - 1, active.row + step.row), column: Math.max(0, Math.min(columns.length - 1, active.column + step.column)) });
  };
  const empty = () => {
    const { rows: rs, columns: cs } = selectedCells();
    props.onCells(rs.flatMap((r) => cs.flatMap((c) => { const [one, id] = [rows[r], columns[c]]; return one && id ? [{ row: one, field: id, text: "" }] : []; })));
  };

  const pressed = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== scroller.current || rows.length === 0) return;
    const mod = event.ctrlKey || event.metaKey;
    const to = moved(active, event.key, mod, { rows: rows.length, columns: columns.length });
    const done = () => event.preventDefault();
    if (to) { done(); return go(to, event.shiftKey); }
    if (mod) {
      switch (event.key.toLowerCase()) {
        case "a": done(); return onMove(active, { row: active.row === 0 ? rows.length - 1 : 0, column: active.column === 0 ? columns.length - 1 : 0 });
        case "z": done(); return event.shiftKey ? props.onRedo() : props.onUndo();
        case "y": done(); return props.onRedo();
        case "backspace": case "delete": done(); return props.onRemove();
        case "enter": done(); return props.onSave();
        default: return;
      }
    }
    if (event.altKey) return;
    switch (event.key) {
      case " ": done(); if (row) props.onOpen(row); return;
      case "Enter": case "F2": done(); return edit(null);
      case "Delete": case "Backspace": done(); if (!readOnly) empty(); return;
      case "Process": case "Unidentified": return edit("");
      default: {
        if (event.key.length !== 1) return;
        if (items.some((item) => item.index === active.row)) return edit("");
        // Out of sight there is no editor yet to take the letter.
        done();
        reveal(active);
        edit(event.key);
      }
    }
  };
  const copied = (event: ClipboardEvent, cut: boolean) => {
    if (event.target !== scroller.current) return;
    event.preventDefault();
    const { rows: rs, columns: cs } = selectedCells();
    event.clipboardData.setData("text/plain", writeTsv(rs.flatMap((r) => { const one = rows[r]; return one ? [cs.map((c) => { const id = columns[c]; return id ? cellText(draft.broken, one, id) : ""; })] : []; })));
    if (cut && !readOnly) empty();
  };
  // The same for ever, so that scrolling and moving about make only the rows anew that change.
  const latest = useRef<RowActs>(null);
  latest.current = {
    down: (place, extend) => onMove(place, extend ? anchor : place),
    enter: (place) => { if (!editing) onMove(place, anchor); },
    whole: (index) => onMove({ row: index, column: 0 }, { row: index, column: columns.length - 1 }),
    edit: () => edit(null),
    open: props.onOpen,
    commit,
    cancel: () => { setEditing(null); scroller.current?.focus({ preventScroll: true }); },
  };
  const [acts] = useState<RowActs>(() => ({
    down: (...given) => latest.current?.down(...given), enter: (...given) => latest.current?.enter(...given), whole: (...given) => latest.current?.whole(...given),
    edit: () => latest.current?.edit(), open: (...given) => latest.current?.open(...given), commit: (...given) => latest.current?.commit(...given), cancel: () => latest.current?.cancel(),
  }));

  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={t("grid")}
      aria-readonly={readOnly}
      aria-multiselectable
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={row && field ? `cell-${row.id}-${field}` : undefined}
      onKeyDown={pressed}
      onCopy={(event) => copied(event, false)}
      onCut={(event) => copied(event, true)}
      onPaste={(event) => {
        if (event.target !== scroller.current || readOnly) return;
        event.preventDefault();
        const text = event.clipboardData.getData("text/plain");
        if (text) props.onPaste(parseTsv(text));
      }}
      className="card group relative h-[calc(100dvh-17rem)] min-h-64 overflow-auto text-sm select-none focus-visible:outline-offset-0"
    >
      <div role="row" aria-rowindex={1} className="sticky top-0 z-20 grid h-8 w-full border-b border-line bg-surface" style={{ gridTemplateColumns: template, minWidth: width }}>
        <span role="columnheader" aria-colindex={1} className="label sticky left-0 z-10 flex items-center justify-end border-r border-line bg-surface px-2"><span className="sr-only">{t("row")}</span></span>
        {columns.map((id, index) => <span key={id} role="columnheader" aria-colindex={index + 2} className="label flex items-center truncate border-r border-line/70 px-2">{t(id)}</span>)}
      </div>
      <div role="rowgroup" className="relative w-full" style={{ height: virtual.getTotalSize(), minWidth: width }}>
        {items.map((item) => {
          const one = rows[item.index];
          if (!one) return null;
          const [from, to] = item.index < selection.top || item.index > selection.bottom ? [0, -1] : [selection.left, selection.right];
          return (
            <GridRow
              key={one.id} row={one} index={item.index} top={item.start - HEAD} height={height} template={template} columns={columns} broken={draft.broken} errors={errors}
              active={item.index === active.row ? active.column : -1} from={from} to={to} editing={item.index === active.row ? editing : null} tall={tall} readOnly={readOnly} acts={acts}
            />
          );
        })}
      </div>
    </div>
  );
}
