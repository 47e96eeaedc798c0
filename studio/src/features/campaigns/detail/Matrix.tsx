import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { NOTHING, number, percent, score } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Checkbox, SearchInput } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { type Campaign, useAllRuns, useItemName, useNames } from "../data";
import { commonTexts } from "../i18n";
import { detailTexts } from "./i18n";
import { allPassed, type Cell, type CellState, type MatrixColumn, type MatrixRow, matrixOf, stateOf } from "./matrix-data";

const ROW = 30;
const COLUMN = 104;
const FIRST = 220;
const HEAD = 46;

const LOOK: Record<CellState, string> = {
  passed: "bg-good-soft text-good", failed: "bg-bad-soft text-bad", error: "bg-warn-soft text-warn", pending: "bg-info-soft text-info", queued: "text-muted", skipped: "bg-sunken text-muted",
};

/** Items by agents and metrics. Only the cells in sight are in the page, both ways. */
export function Matrix({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const runs = useAllRuns(campaign.id, Infinity);
  const [{ q, only }, set] = useUrlState({ q: "", only: "" });
  const { rows, columns } = useMemo(() => matrixOf(runs.rows), [runs.rows]);
  const itemName = useItemName(campaign, runs.rows);
  const personaName = useNames("personas", runs.rows.map((run) => run.persona_id));
  const named = useMemo(() => rows.map((row) => ({ ...row, label: [itemName(row.item), personaName(row.persona)].filter(Boolean).join(" · ") })), [rows, itemName, personaName]);
  const shown = useMemo(() => {
    const words = q.trim().toLowerCase();
    return named.filter((row) => (!words || row.label.toLowerCase().includes(words)) && (only !== "1" || !allPassed(row)));
  }, [named, q, only]);
  if (runs.error && runs.rows.length === 0) return <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />;
  if (runs.isPending) return <Loading />;
  if (rows.length === 0) return <div className="card"><Empty>{t("matrixEmpty")}</Empty></div>;
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <SearchInput label={t("search")} className="w-60" value={q} onChange={(event) => set({ q: event.target.value })} />
        <label className="flex items-center gap-2"><Checkbox checked={only === "1"} onChange={(event) => set({ only: event.target.checked ? "1" : "" })} />{t("onlyNotPassed")}</label>
        <span role="status" className="text-muted">{runs.complete ? t("notCounted", { n: shown.length }) : t("reading", { done: number(runs.rows.length), total: number(campaign.summary.total) })}</span>
        <Legend />
      </div>
      {shown.length === 0
        ? <div className="card"><Empty title={t("noRuns")} /></div>
        : <Grid rows={shown} columns={columns} />}
      <p className="text-xs text-muted">{t("matrixHint")}</p>
    </div>
  );
}

function Legend() {
  const common = useText(commonTexts);
  return (
    <ul className="ml-auto flex flex-wrap gap-2 text-xs">
      {(["passed", "failed", "error", "running"] as const).map((one) => (
        <li key={one} className={cx("rounded-sm px-1.5 py-0.5", LOOK[one === "running" ? "pending" : one])}>{common(one)}</li>
      ))}
    </ul>
  );
}

function Grid({ rows, columns }: { rows: readonly (MatrixRow & { label: string })[]; columns: readonly MatrixColumn[] }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const focusing = useRef(false);
  const agentName = useNames("agents", columns.map((one) => one.agent));
  const several = new Set(columns.map((one) => `${one.agent}@${one.version}`)).size > 1;
  const vertical = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8, scrollPaddingStart: HEAD });
  const horizontal = useVirtualizer({ horizontal: true, count: columns.length, getScrollElement: () => scroller.current, estimateSize: () => COLUMN, overscan: 3, scrollPaddingStart: FIRST });
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

  const open = (cell: Cell | undefined, row: MatrixRow) => {
    if (!cell || cell.runs.length === 0) return;
    if (cell.runs.length === 1) void navigate({ to: `/runs/${cell.runs[0]}` });
    else void navigate({ to: ".", search: { tab: "runs", item: row.item } as never });
  };
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
  const shownColumns = horizontal.getVirtualItems();
  return (
    <div ref={scroller} className="card relative overflow-auto" style={{ height: `min(calc(100dvh - 20rem), ${HEAD + rows.length * ROW + 2}px)`, minHeight: HEAD + ROW + 2 }}>
      <div role="grid" aria-label={t("matrixLabel")} aria-rowcount={rows.length + 1} aria-colcount={columns.length + 1} onKeyDown={pressed} className="relative text-xs" style={{ width, height: HEAD + vertical.getTotalSize() }}>
        <div role="row" aria-rowindex={1} className="sticky top-0 z-20 border-b border-line bg-surface" style={{ height: HEAD, width }}>
          <div role="columnheader" aria-colindex={1} className="label sticky left-0 z-10 inline-flex items-end bg-surface px-3 pb-1.5" style={{ width: FIRST, height: HEAD - 1 }}>{common("item")}</div>
          {shownColumns.map((item) => {
            const column = columns[item.index];
            if (!column) return null;
            const agent = `${agentName(column.agent)}${column.version ? ` ${common("version", { n: column.version })}` : ""}`;
            return (
              <div key={item.key} role="columnheader" aria-colindex={item.index + 2} title={`${agent}: ${column.metric ?? t("overall")}`} className={cx("absolute top-0 grid content-end px-1.5 pb-1.5", column.metric === null && "border-l border-line")} style={{ left: FIRST + item.start, width: COLUMN, height: HEAD - 1 }}>
                {several && <span className="truncate text-2xs text-muted">{agent}</span>}
                <span className="truncate font-medium">{column.metric ?? t("overall")}</span>
              </div>
            );
          })}
        </div>
        {vertical.getVirtualItems().map((line) => {
          const row = rows[line.index];
          if (!row) return null;
          return (
            <div key={row.key} role="row" aria-rowindex={line.index + 2} className="absolute left-0 border-b border-line/60 hover:bg-sunken/60" style={{ top: HEAD + line.start, height: ROW, width }}>
              <div role="rowheader" aria-colindex={1} title={row.label} className="sticky left-0 z-10 flex items-center truncate bg-surface px-3" style={{ width: FIRST, height: ROW - 1 }}><span className="truncate">{row.label}</span></div>
              {shownColumns.map((item) => {
                const column = columns[item.index];
                if (!column) return null;
                const isActive = line.index === at.row && item.index === at.column;
                return (
                  <div
                    key={item.key} role="gridcell" aria-colindex={item.index + 2} tabIndex={isActive ? 0 : -1} data-active={isActive || undefined}
                    onClick={() => { setActive({ row: line.index, column: item.index }); open(row.cells.get(column.key), row); }}
                    className={cx("absolute top-0 cursor-pointer p-0.5 focus-visible:z-10", column.metric === null && "border-l border-line")}
                    style={{ left: FIRST + item.start, width: COLUMN, height: ROW - 1 }}
                  >
                    <CellView cell={row.cells.get(column.key)} whole={column.metric === null} />
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));

function CellView({ cell, whole }: { cell: Cell | undefined; whole: boolean }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  if (!cell) return <span className="flex h-full items-center justify-center text-muted">{NOTHING}</span>;
  const state = stateOf(cell);
  const word = common(state === "pending" ? "running" : state);
  const count = cell.runs.length;
  const value = whole || cell.scored === 0
    ? count > 1 && cell.passed + cell.failed > 0 ? percent(cell.passed / (cell.passed + cell.failed)) : word
    : score(cell.sum / cell.scored);
  return (
    <span title={`${word}${count > 1 ? `, ${t("cellRuns", { n: count })}` : ""}`} className={cx("flex h-full items-center justify-end rounded-sm px-2 tabular-nums", LOOK[state])}>
      {/* The value is what one sees; colours are said too. */}
      {value !== word && <span className="sr-only">{word} </span>}<span className="truncate">{value}</span>
    </span>
  );
}
