import { type ColumnDef, getCoreRowModel, type SortingState, useReactTable, type VisibilityState } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Button } from "./button";
import { Checkbox } from "./input";
import { Menu, MenuCheck } from "./menu";
import { uiTexts } from "./i18n";

/** A column. Widths are in pixels; one column with `grow` takes what is left, and no less than its width. */
export interface Column<T> {
  id: string;
  header: string;
  cell(row: T): ReactNode;
  width?: number;
  grow?: boolean;
  align?: "end";
  /** The name of the API's sort parameter, for columns that can be sorted by. */
  sort?: string;
  /** Whether it is left out until somebody asks for it. */
  hidden?: boolean;
}

/** What a table takes. */
export interface DataTableProps<T> {
  /** What the table is, for screen readers. */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowId(row: T): string;
  /** What a row is called, for the box that selects it. */
  rowName?(row: T): string;
  /** The API's sort parameter: `name`, or `-name` for the reverse. */
  sort?: string;
  onSort?(sort: string): void;
  /** Ids of the selected rows; leave it out for a table without selection. */
  selected?: ReadonlySet<string>;
  onSelect?(selected: ReadonlySet<string>): void;
  onOpen?(row: T): void;
  /** Called when the end comes into sight. */
  onEnd?(): void;
  hasMore?: boolean;
  loadingMore?: boolean;
  /** Under which the choice of columns is kept. */
  name: string;
  /** Shown beside the choice of columns. */
  toolbar?: ReactNode;
  /** Shown in place of the rows when there are none. */
  empty?: ReactNode;
  className?: string;
}

const ROW = 38;
/** Rows are none of the table's state: a model of a hundred thousand of them would be made anew with every page that comes in. */
const NO_ROWS: never[] = [];

/**
 * A table of any number of rows, of which only those in sight are in the page. It is a real `<table>`, so that screen readers
 * read it as one; sorting and filtering are the server's.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { rows, columns, sort, onSort, name } = props;
  const t = useText(uiTexts);
  const [visibility, setVisibility] = useVisibility(name, columns);
  const definitions = useMemo<ColumnDef<T>[]>(
// The library sorts by columns with a value alone, though here the server sorts and the value is never asked for.
    () => columns.map((column) => ({ id: column.id, header: column.header, accessorFn: () => null, enableSorting: column.sort !== undefined })),
    [columns],
  );
  const sorting = useMemo<SortingState>(() => {
    const by = sort?.replace(/^-/, "");
    const column = columns.find((one) => one.sort === by);
    return column ? [{ id: column.id, desc: sort?.startsWith("-") ?? false }] : [];
  }, [sort, columns]);
  const table = useReactTable({
    data: NO_ROWS,
    columns: definitions,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    state: { sorting, columnVisibility: visibility },
    onColumnVisibilityChange: setVisibility,
    onSortingChange: (update) => {
      const first = (typeof update === "function" ? update(sorting) : update)[0];
      const by = columns.find((column) => column.id === first?.id)?.sort;
      if (by) onSort?.(first?.desc ? `-${by}` : by);
    },
    enableSortingRemoval: false,
  });
  return (
    <div className={cx("flex min-h-0 flex-col gap-2", props.className)}>
      <div className="flex flex-wrap items-center gap-2">
        {props.toolbar}
        <div className="ml-auto">
          <Menu trigger={<Button variant="ghost" size="sm"><Columns3 aria-hidden />{t("columns")}</Button>}>
            {table.getAllLeafColumns().map((column) => (
              <MenuCheck key={column.id} checked={column.getIsVisible()} onCheckedChange={(on) => column.toggleVisibility(on === true)}>
                {String(column.columnDef.header)}
              </MenuCheck>
            ))}
          </Menu>
        </div>
      </div>
      {rows.length === 0 && props.empty ? <div className="card">{props.empty}</div> : <Rows {...props} table={table} />}
    </div>
  );
}

function Rows<T>(props: DataTableProps<T> & { table: ReturnType<typeof useReactTable<T>> }) {
  const { table, label, rows, columns, rowId, rowName, selected, onOpen, onEnd, hasMore, loadingMore } = props;
  const t = useText(uiTexts);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12, useFlushSync: false });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && !loadingMore && last >= rows.length - 20) onEnd?.();
  }, [last, rows.length, hasMore, loadingMore, onEnd]);
  // The same functions for ever, so that rows which stay in sight are not made anew.
  const latest = useRef(props);
  latest.current = props;
  const open = useCallback((row: T) => latest.current.onOpen?.(row), []);
  const toggle = useCallback((id: string) => {
    const next = new Set(latest.current.selected);
    if (!next.delete(id)) next.add(id);
    latest.current.onSelect?.(next);
  }, []);
  const everything = selected !== undefined && rows.length > 0 && selected.size >= rows.length && rows.every((row) => selected.has(rowId(row)));
  const toggleAll = () => props.onSelect?.(new Set(everything ? [] : rows.map(rowId)));
  const visible = table.getVisibleLeafColumns().map((column) => column.id).join(" ");
  const cells = useMemo(() => columns.filter((column) => visible.split(" ").includes(column.id)), [columns, visible]);
  const shown = table.getVisibleLeafColumns().map((column) => ({ column, own: columns.find((one) => one.id === column.id) }));
  // Below this the table scrolls sideways instead of squeezing its texts.
  const least = shown.reduce((sum, { own }) => sum + (own?.grow ? own.width ?? 240 : own?.width ?? 140), selected ? 40 : 0);
  const before = items[0]?.start ?? 0;
  const after = items.length > 0 ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const minute = Math.floor(Date.now() / 60_000);
  const span = shown.length + (selected ? 1 : 0);
  return (
    <div ref={scroller} tabIndex={0} role="region" aria-label={label} className="card max-h-[calc(100dvh-13rem)] min-h-24 overflow-auto">
      <table aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1} className="w-full table-fixed border-separate border-spacing-0 text-sm" style={{ minWidth: least }}>
        <colgroup>
          {selected && <col style={{ width: 40 }} />}
          {shown.map(({ column, own }) => <col key={column.id} style={{ width: own?.grow ? undefined : own?.width ?? 140 }} />)}
        </colgroup>
        <thead>
          <tr>
            {selected && (
              <th scope="col" className="sticky top-0 z-10 border-b border-line bg-surface px-3">
                <Checkbox
                  aria-label={t("selectAll")}
                  checked={everything}
                  ref={(box) => { if (box) box.indeterminate = selected.size > 0 && !everything; }}
                  onChange={toggleAll}
                />
              </th>
            )}
            {shown.map(({ column, own }) => {
              const direction = column.getIsSorted();
              const Arrow = direction === "desc" ? ArrowDown : ArrowUp;
              return (
                <th
                  key={column.id}
                  scope="col"
                  aria-sort={direction === "asc" ? "ascending" : direction === "desc" ? "descending" : undefined}
                  className={cx("label sticky top-0 z-10 h-8 border-b border-line bg-surface px-3 text-left", own?.align === "end" && "text-right")}
                >
                  {column.getCanSort() ? (
                    <button type="button" onClick={() => column.toggleSorting(direction === "asc")} className="inline-flex items-center gap-1 hover:text-ink">
                      {String(column.columnDef.header)}
                      {direction && <Arrow aria-hidden className="size-3" />}
                    </button>
                  ) : String(column.columnDef.header)}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden><td colSpan={span} style={{ height: before, padding: 0 }} /></tr>}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const id = rowId(row);
            return (
              <Line
                key={id} row={row} id={id} index={item.index} cells={cells} open={onOpen && open} minute={minute}
                selected={selected?.has(id)} label={selected ? t("selectRow", { name: rowName?.(row) ?? id }) : ""} onToggle={toggle}
              />
            );
          })}
          {after > 0 && <tr aria-hidden><td colSpan={span} style={{ height: after, padding: 0 }} /></tr>}
        </tbody>
      </table>
      <p role="status" className="px-3 py-1.5 text-xs text-muted">
        {loadingMore ? t("loadingMore") : hasMore ? t("rowsMore", { n: rows.length }) : t("rows", { n: rows.length })}
      </p>
    </div>
  );
}

/** A row; scrolling makes the new ones alone. */
const Line = memo(LineOf) as typeof LineOf;

interface LineProps<T> {
  row: T;
  id: string;
  index: number;
  cells: readonly Column<T>[];
  /** Left out where rows cannot be selected. */
  selected: boolean | undefined;
  /** Names the box that selects it. */
  label: string;
  open: ((row: T) => void) | undefined;
  onToggle(id: string): void;
  /** The time, roughly: cells say how long ago something was. */
  minute: number;
}

function LineOf<T>({ row, id, index, cells, selected, label, open, onToggle }: LineProps<T>) {
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={selected}
      onClick={(event) => {
        // Links, boxes and selected text keep their own meaning.
        if (!open || (event.target as Element).closest("a,button,input,label") || String(getSelection())) return;
        open(row);
      }}
      className={cx("group hover:bg-sunken/70", open && "cursor-pointer", selected && "bg-accent-soft/60")}
      style={{ height: ROW }}
    >
      {selected !== undefined && (
        <td className="border-b border-line/70 px-3"><Checkbox aria-label={label} checked={selected} onChange={() => onToggle(id)} /></td>
      )}
      {cells.map((column) => (
        <td key={column.id} className={column.align === "end" ? "truncate border-b border-line/70 px-3 text-right" : "truncate border-b border-line/70 px-3"}>{column.cell(row)}</td>
      ))}
    </tr>
  );
}

/** Which columns are shown, kept in this browser. */
function useVisibility<T>(name: string, columns: readonly Column<T>[]) {
  const key = `assay.columns.${name}`;
  const [visibility, setVisibility] = useState<VisibilityState>(() => {
    const initial = Object.fromEntries(columns.filter((column) => column.hidden).map((column) => [column.id, false]));
    try {
      return { ...initial, ...(JSON.parse(localStorage.getItem(key) ?? "{}") as VisibilityState) };
    } catch {
      return initial;
    }
  });
  useEffect(() => {
    try {
      localStorage.setItem(key, JSON.stringify(visibility));
    } catch {
      // Kept for this page alone.
    }
  }, [key, visibility]);
  return [visibility, setVisibility] as const;
}
