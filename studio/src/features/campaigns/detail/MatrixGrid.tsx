import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useText } from "@/i18n";
import { NOTHING, percent, score } from "@/lib/format";
import { useNames } from "../data";
import { commonTexts } from "../i18n";
import { detailTexts } from "./i18n";
import { type Cell, type CellState, type MatrixColumn, type MatrixRow, stateOf } from "./matrix-data";

const ROW = 30;
const COLUMN = 104;
const FIRST = 220;
const HEAD = 46;
/** More rows than are ever in the page: each takes the place of one that is so many before it, and its elements. */
const SLOTS = 128;

/** How states look. */
export const LOOK: Record<CellState, string> = {
  passed: "bg-good-soft text-good", failed: "bg-bad-soft text-bad", error: "bg-warn-soft text-warn", pending: "bg-info-soft text-info", queued: "text-muted", skipped: "bg-sunken text-muted",
};

type Row = MatrixRow & { label: string };
type Words = Record<CellState, string>;

/** The cells in sight. It is a grid for keyboards and screen readers: arrows move, Enter opens. */
export function MatrixGrid({ rows, columns }: { rows: readonly Row[]; columns: readonly MatrixColumn[] }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const focusing = useRef(false);
  const agentName = useNames("agents", columns.map((one) => one.agent));
  const several = new Set(columns.map((one) => `${one.agent}@${one.version}`)).size > 1;
  const words = useMemo<Words>(() => ({
    passed: common("passed"), failed: common("failed"), error: common("error"), pending: common("running"), queued: common("queued"), skipped: common("skipped"),
  }), [common]);
  const vertical = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 4, scrollPaddingStart: HEAD, useFlushSync: false });
  const horizontal = useVirtualizer({ horizontal: true, count: columns.length, getScrollElement: () => scroller.current, estimateSize: () => COLUMN, overscan: 2, scrollPaddingStart: FIRST, useFlushSync: false });
  const at = { row: Math.min(active.row, rows.length - 1), column: Math.min(active.column, columns.length - 1) };

  useEffect(() => {
    if (!focusing.current) return;
    focusing.current = false;
    vertical.scrollToIndex(at.row);
    horizontal.scrollToIndex(at.column);
    // The cell is in the page once the virtualiser has moved there.
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>("[data-active]")?.focus({ preventScroll: true })));
    return () => cancelAnimationFrame(frame);
  }, [at.row, at.column, vertical, horizontal]);

  const open = useCallback((cell: Cell | undefined, row: MatrixRow) => {
    if (!cell || cell.runs.length === 0) return;
    if (cell.runs.length === 1) void navigate({ to: `/runs/${cell.runs[0]}` });
    else void navigate({ to: ".", search: { tab: "runs", item: row.item } as never });
  }, [navigate]);
  const pick = useCallback((row: number, column: number) => setActive({ row, column }), []);
  const pressed = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 300) - HEAD) / ROW) - 1);
    const steps: Record<string, [number, number]> = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-page, 0], PageDown: [page, 0],
      Home: [0, -columns.length], End: [0, columns.length],
    };
    const step = steps[event.key];
    const row = rows[at.row];
    if (event.key === "Enter" && row) return open(row.cells.get(columns[at.column]?.key ?? ""), row);
    if (!step) return;
    event.preventDefault();
    focusing.current = true;
    setActive({ row: clamp(at.row + step[0], rows.length), column: clamp(at.column + step[1], columns.length) });
  };
  const width = FIRST + horizontal.getTotalSize();
  const shown = horizontal.getVirtualItems();
  const from = shown[0]?.index ?? 0;
  const to = shown.at(-1)?.index ?? -1;
  return (
    <div ref={scroller} className="card relative overflow-auto" style={{ height: `min(calc(100dvh - 20rem), ${HEAD + rows.length * ROW + 2}px)`, minHeight: HEAD + ROW + 2, contain: "strict" }}>
      <div role="grid" aria-label={t("matrixLabel")} aria-rowcount={rows.length + 1} aria-colcount={columns.length + 1} onKeyDown={pressed} className="relative text-xs" style={{ width, height: HEAD + vertical.getTotalSize() }}>
        <div role="row" aria-rowindex={1} className="sticky top-0 z-20 border-b border-line bg-surface" style={{ height: HEAD, width }}>
          <div role="columnheader" aria-colindex={1} className="label sticky left-0 z-10 inline-flex items-end bg-surface px-3 pb-1.5" style={{ width: FIRST, height: HEAD - 1 }}>{common("item")}</div>
          {columns.slice(from, to + 1).map((column, index) => {
            const agent = `${agentName(column.agent)}${column.version ? ` ${common("version", { n: column.version })}` : ""}`;
            return (
              <div key={column.key} role="columnheader" aria-colindex={from + index + 2} title={`${agent}: ${column.metric ?? t("overall")}`} className="absolute top-0 grid content-end px-1.5 pb-1.5" style={{ left: FIRST + (from + index) * COLUMN, width: COLUMN, height: HEAD - 1 }}>
                {several && <span className="truncate text-2xs text-muted">{agent}</span>}
                <span className="truncate font-medium">{column.metric ?? t("overall")}</span>
              </div>
            );
          })}
        </div>
        {vertical.getVirtualItems().map(({ index }) => {
          const row = rows[index];
          return row && (
            <Line
              key={index % SLOTS} row={row} index={index} width={width} columns={columns} from={from} to={to} words={words}
              active={index === at.row ? at.column : -1} onPick={pick} onOpen={open}
            />
          );
        })}
      </div>
    </div>
  );
}

const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));

/** A row with its cells between two columns. Hundreds of cells come and go in a frame: no hooks and no more elements than needed. */
const Line = memo(function Line({ row, index, width, columns, from, to, words, active, onPick, onOpen }: {
  row: Row;
  index: number;
  width: number;
  columns: readonly MatrixColumn[];
  from: number;
  to: number;
  words: Words;
  /** The column of the cell that has the focus, or would get it. */
  active: number;
  onPick(row: number, column: number): void;
  onOpen(cell: Cell | undefined, row: MatrixRow): void;
}) {
  return (
    <div role="row" aria-rowindex={index + 2} className="absolute left-0 border-b border-line/60" style={{ top: HEAD + index * ROW, height: ROW, width }}>
      <div role="rowheader" aria-colindex={1} title={row.label} className="sticky left-0 z-10 truncate bg-surface px-3" style={{ width: FIRST, height: ROW - 1, lineHeight: `${ROW - 1}px` }}>{row.label}</div>
      {columns.slice(from, to + 1).map((column, offset) => {
        const place = from + offset;
        const cell = row.cells.get(column.key);
        const state = cell ? stateOf(cell) : null;
        const word = state ? words[state] : "";
        const value = cell ? valueOf(cell, column.metric === null) : NOTHING;
        return (
          <div
            key={offset} role="gridcell" aria-colindex={place + 2} tabIndex={place === active ? 0 : -1} data-active={place === active || undefined} title={word}
            onClick={() => { onPick(index, place); onOpen(cell, row); }}
            className={`absolute cursor-pointer truncate rounded-sm px-2 text-right tabular-nums ${state ? LOOK[state] : "text-muted"}`}
            style={{ left: FIRST + place * COLUMN + 2, top: 2, width: COLUMN - 4, height: ROW - 5, lineHeight: `${ROW - 5}px` }}
          >
            {value === null ? word : <>{word && <span className="sr-only">{word} </span>}{value}</>}
          </div>
        );
      })}
    </div>
  );
});

/** What stands in a cell: a mean score, or how many of several runs passed; null where a word says it. */
function valueOf(cell: Cell, whole: boolean): string | null {
  if (!whole && cell.scored > 0) return score(cell.sum / cell.scored);
  const ended = cell.passed + cell.failed;
  return cell.runs.length > 1 && ended > 0 ? percent(cell.passed / ended) : null;
}
