import {
  type ColumnDef, flexRender, getCoreRowModel, type RowSelectionState, type SortingState, useReactTable, type VisibilityState,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
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

/**
 * A table of any number of rows, of which only those in sight are in the page. It is a real `<table>`, so that screen readers
 * read it as one; sorting and filtering are the server's.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { rows, columns, rowId, sort, onSort, selected, onSelect, name } = props;
  const t = useText(uiTexts);
  const [visibility, setVisibility] = useVisibility(name, columns);
  const definitions = useMemo<ColumnDef<T>[]>(
    // The library sorts by columns with a value alone, though here the server sorts and the value is never asked for.
    () => columns.map((column) => ({ id: column.id, header: column.header, accessorFn: () => null, enableSorting: column.sort !== undefined, cell: ({ row }) => column.cell(row.original) })),
    [columns],
  );
  const rowSelection = useMemo<RowSelectionState>(() => Object.fromEntries([...(selected ?? [])].map((id) => [id, true])), [selected]);
  const sorting = useMemo<SortingState>(() => {
    const by = sort?.replace(/^-/, "");
    const column = columns.find((one) => one.sort === by);
    return column ? [{ id: column.id, desc: sort?.startsWith("-") ?? false }] : [];
  }, [sort, columns]);
  const table = useReactTable({
    data: rows as T[],
    columns: definitions,
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    state: { rowSelection, sorting, columnVisibility: visibility },
    onColumnVisibilityChange: setVisibility,
    onRowSelectionChange: (update) => {
      const next = typeof update === "function" ? update(rowSelection) : update;
      onSelect?.(new Set(Object.keys(next).filter((id) => next[id])));
    },
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

function Rows<T>({ table, label, columns, rowName, selected, onOpen, onEnd, hasMore, loadingMore }: DataTableProps<T> & {
  table: ReturnType<typeof useReactTable<T>>;
}) {
  const t = useText(uiTexts);
  const scroller = useRef<HTMLDivElement>(null);
  const all = table.getRowModel().rows;
  const virtual = useVirtualizer({ count: all.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && !loadingMore && last >= all.length - 20) onEnd?.();
  }, [last, all.length, hasMore, loadingMore, onEnd]);
  const shown = table.getVisibleLeafColumns().map((column) => ({ column, own: columns.find((one) => one.id === column.id) }));
  // Below this the table scrolls sideways instead of squeezing its texts.
  const least = shown.reduce((sum, { own }) => sum + (own?.grow ? own.width ?? 240 : own?.width ?? 140), selected ? 40 : 0);
  const before = items[0]?.start ?? 0;
  const after = items.length > 0 ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const span = shown.length + (selected ? 1 : 0);
  return (
    <div ref={scroller} tabIndex={0} role="region" aria-label={label} className="card max-h-[calc(100dvh-13rem)] min-h-24 overflow-auto">
      <table aria-label={label} aria-rowcount={hasMore ? -1 : all.length + 1} className="w-full table-fixed border-separate border-spacing-0 text-sm" style={{ minWidth: least }}>
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
                  checked={all.length > 0 && table.getIsAllRowsSelected()}
                  ref={(box) => { if (box) box.indeterminate = table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected(); }}
                  onChange={table.getToggleAllRowsSelectedHandler()}
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
            const row = all[item.index];
            if (!row) return null;
            return (
              <tr
                key={row.id}
                aria-rowindex={item.index + 2}
                aria-selected={selected ? row.getIsSelected() : undefined}
                onClick={(event) => {
                  // Links, boxes and selected text keep their own meaning.
                  if (!onOpen || (event.target as Element).closest("a,button,input,label") || String(getSelection())) return;
                  onOpen(row.original);
                }}
                className={cx("group hover:bg-sunken/70", onOpen && "cursor-pointer", row.getIsSelected() && "bg-accent-soft/60")}
                style={{ height: ROW }}
              >
                {selected && (
                  <td className="border-b border-line/70 px-3">
                    <Checkbox aria-label={t("selectRow", { name: rowName?.(row.original) ?? row.id })} checked={row.getIsSelected()} onChange={row.getToggleSelectedHandler()} />
                  </td>
                )}
                {row.getVisibleCells().map((cell) => {
                  const own = columns.find((one) => one.id === cell.column.id);
                  return (
                    <td key={cell.id} className={cx("truncate border-b border-line/70 px-3", own?.align === "end" && "text-right")}>
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </td>
                  );
                })}
              </tr>
            );
          })}
          {after > 0 && <tr aria-hidden><td colSpan={span} style={{ height: after, padding: 0 }} /></tr>}
        </tbody>
      </table>
      <p role="status" className="px-3 py-1.5 text-xs text-muted">
        {loadingMore ? t("loadingMore") : hasMore ? t("rowsMore", { n: all.length }) : t("rows", { n: all.length })}
      </p>
    </div>
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
