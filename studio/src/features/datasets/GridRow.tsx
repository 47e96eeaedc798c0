import { memo } from "react";
import { Maximize2 } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { CellEditor } from "./CellEditor";
import { type BrokenTexts, cellKey, cellText, mayEdit, type RowView } from "./draft";
import { type FieldId, FIELDS } from "./fields";
import { datasetTexts } from "./i18n";
import type { Place } from "./navigate";

/** What can be done in a row. */
export interface RowActs {
  down(place: Place, extend: boolean): void;
  enter(place: Place): void;
  /** Selects the whole row. */
  whole(index: number): void;
  edit(): void;
  open(row: RowView): void;
  commit(text: string, step: Place | null): void;
  cancel(): void;
}

/** A row of the grid. Hundreds of cells come into sight in a frame: it is made anew only where something of its own has changed. */
export const GridRow = memo(function GridRow({ row, index, top, height, template, columns, broken, errors, active, from, to, editing, tall, readOnly, acts }: {
  row: RowView;
  index: number;
  top: number;
  height: number;
  template: string;
  columns: readonly FieldId[];
  broken: BrokenTexts;
  errors: ReadonlyMap<string, string>;
  /** The column of the active cell, and the selected ones; -1 and none where they are in other rows. */
  active: number;
  from: number;
  to: number;
  editing: { initial: string | null } | null;
  tall: boolean;
  readOnly: boolean;
  acts: RowActs;
}) {
  const t = useText(datasetTexts);
  const key = typeof row.item.key === "string" && row.item.key ? row.item.key : t("newItem");
  return (
    <div role="row" aria-rowindex={index + 2} className="absolute left-0 grid w-full border-b border-line/70" style={{ gridTemplateColumns: template, height, transform: `translateY(${top}px)` }}>
      <span
        role="rowheader"
        aria-colindex={1}
        onPointerDown={() => acts.whole(index)}
        className={cx(
          "group/row sticky left-0 z-10 flex items-start justify-end gap-1 border-r border-l-3 border-line border-l-transparent bg-surface px-1.5 py-1.5 text-xs leading-6 text-muted tabular-nums",
          row.state === "added" && "border-l-good", row.state === "changed" && "border-l-warn",
        )}
      >
        <button type="button" tabIndex={-1} aria-label={t("openItem", { key })} title={t("openItem", { key })} onPointerDown={(event) => event.stopPropagation()} onClick={() => acts.open(row)} className="grid size-6 place-items-center rounded-sm opacity-60 hover:bg-sunken hover:text-ink hover:opacity-100">
          <Maximize2 aria-hidden className="size-3" />
        </button>
        {index + 1}
      </span>
      {columns.map((id, column) => {
        const isActive = column === active;
        const selected = column >= from && column <= to;
        const fixed = !mayEdit(row, id);
        const wrong = errors.get(cellKey(row.id, id)) ?? (broken.has(cellKey(row.id, id)) ? t("badCell") : undefined);
        const text = cellText(broken, row, id);
        return (
          <div
            key={id}
            id={`cell-${row.id}-${id}`}
            role="gridcell"
            aria-colindex={column + 2}
            aria-selected={selected}
            aria-invalid={wrong ? true : undefined}
            aria-readonly={readOnly || fixed || undefined}
            title={wrong}
            onPointerDown={(event) => {
              if (event.button !== 0 || (event.target as Element).tagName === "TEXTAREA") return;
              acts.down({ row: index, column }, event.shiftKey);
            }}
            onPointerEnter={(event) => { if (event.buttons === 1) acts.enter({ row: index, column }); }}
            onDoubleClick={acts.edit}
            className={cx(
              "relative min-w-0 border-r border-line/70 px-2 py-2",
              selected && "bg-accent-soft/60",
              wrong && "bg-bad-soft",
              fixed && "text-muted",
              isActive && "outline-2 -outline-offset-2 outline-accent/50 group-focus:outline-accent",
            )}
          >
            {isActive && editing
              ? <CellEditor label={t(id)} initial={editing.initial ?? text} height={height} onCommit={acts.commit} onCancel={acts.cancel} />
              : <span className={cx("block", tall ? "line-clamp-4 whitespace-pre-wrap" : "truncate", (id === "key" || isJson(id)) && "font-mono text-xs leading-5")}>{tall ? text : oneLine(text, id)}</span>}
          </div>
        );
      })}
    </div>
  );
});

/** More of a text is not seen in a line, and slow to lay out. */
const LONG = 400;

function oneLine(text: string, id: FieldId): string {
  const short = text.length > LONG ? text.slice(0, LONG) : text;
  return short.includes("\n") ? short.replaceAll("\n", id === "tags" ? ", " : " ⏎ ") : short;
}

const JSON_FIELDS = new Set(FIELDS.filter((field) => field.shape === "json").map((field) => field.id));
const isJson = (id: FieldId) => JSON_FIELDS.has(id);
