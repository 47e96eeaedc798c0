import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Columns3, FileUp, Keyboard, Plus, Redo2, Rows3, SearchX, Trash2, Undo2 } from "lucide-react";
import { useText } from "@/i18n";
import { isTyping, useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SearchInput, Select } from "@/ui/input";
import { Menu, MenuCheck } from "@/ui/menu";
import { Empty, ErrorState, Loading, messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { Tooltip } from "@/ui/tooltip";
import { CLEAN, cellKey, type RowView, rowsOf, sizeOf, withCells, withItem, withoutRows, withRows } from "./draft";
import { columnsOf, type FieldId, FIELDS } from "./fields";
import { Grid } from "./Grid";
import { datasetTexts } from "./i18n";
import { lookForConflicts, saveDraft, useItems } from "./items";
import { ItemSheet } from "./ItemSheet";
import type { Dataset, Item, ItemSpec } from "./kind";
import { type Place, range } from "./navigate";
import { pasteInto } from "./paste";
import { parseTsv } from "./tsv";
import type { DraftState } from "./useDraft";

/** The items as a spreadsheet: what is typed waits until it is saved as one change. */
export function ItemsTab({ dataset, state, mayWrite }: { dataset: Dataset; state: DraftState; mayWrite: boolean }) {
  const t = useText(datasetTexts);
  const client = useQueryClient();
  const [url, setUrl] = useUrlState({ q: "", split: "", columns: "", rows: "", version: "", item: "" });
  const list = useItems(dataset.id, { split: url.split || null, version: url.version || null });
  // An earlier version is shown as it was, without what is typed into the latest.
  const draft = url.version ? CLEAN : state.draft;
  const items = list.rows;
  const readOnly = !mayWrite || url.version !== "";
  const [{ active, anchor }, setPlace] = useState<{ active: Place; anchor: Place }>({ active: { row: 0, column: 1 }, anchor: { row: 0, column: 1 } });
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [busy, setBusy] = useState<string | null>(null);
  const [conflict, setConflict] = useState<string[] | null>(null);
  const size = sizeOf(draft);

  const all = useMemo(() => rowsOf(items, draft), [items, draft]);
  const words = url.q.trim().toLowerCase();
  const rows = useMemo(() => (words ? all.filter((row) => row.state === "added" || JSON.stringify(row.item).toLowerCase().includes(words)) : all), [all, words]);
  const pages = list.data?.pages;
  // As a text, which stays the same as long as no page brings another field.
  const usual = useMemo(() => columnsOf(...(pages ?? []).map((page) => page.data as readonly ItemSpec[]), [...draft.edits.values()].map((edit) => edit.item), draft.added.map((row) => row.item)).join(","), [pages, draft]);
  const chosen = url.columns || usual;
  const columns = useMemo<FieldId[]>(() => FIELDS.map((field) => field.id).filter((id) => chosen.split(",").includes(id)), [chosen]);
  const splits = useMemo(() => [...new Set((pages ?? []).flatMap((page) => splitsOf(page.data)))].sort(), [pages]);
  const at: Place = { row: clamp(active.row, rows.length), column: clamp(active.column, columns.length) };
  const from: Place = { row: clamp(anchor.row, rows.length), column: clamp(anchor.column, columns.length) };
  const opened = url.item === "" ? undefined : rows.find((row) => row.id === url.item);

  const change = (next: typeof draft) => {
    setErrors(new Map());
    state.change(next);
  };
  const add = () => {
    change(withRows(draft, [url.split ? { split: url.split } : {}]));
    const column = Math.max(0, columns.indexOf("input"));
    setPlace({ active: { row: rows.length, column }, anchor: { row: rows.length, column } });
    focusGrid();
  };
  const remove = (ids?: readonly string[]) => {
    if (readOnly) return;
    const gone = ids ?? range(at.row, from.row).flatMap((index) => rows[index]?.id ?? []);
    if (gone.length === 0) return;
    change(withoutRows(draft, items, new Set(gone)));
    const row = Math.min(at.row, from.row);
    setPlace({ active: { row, column: at.column }, anchor: { row, column: at.column } });
  };
  const paste = (cells: string[][]) => {
    const labels = Object.fromEntries(FIELDS.map(({ id }) => [id, t(id)]));
    // Into nothing, the first column is the question and not the key.
    const place = rows.length === 0 ? { row: 0, column: Math.max(0, columns.indexOf("input")) } : { row: Math.min(at.row, from.row), column: Math.min(at.column, from.column) };
    const pasted = pasteInto({ cells, columns, rows, at: place, selection: { rows: range(at.row, from.row), columns: range(at.column, from.column) }, labels });
    const fresh = withRows(draft, pasted.rows.map(() => ({})));
    const added = rowsOf([], fresh).slice(draft.added.length);
    const filled = pasted.rows.flatMap((line, index) => { const one = added[index]; return one ? line.map(({ field, text }) => ({ row: one, field, text })) : []; });
    change(withCells(fresh, items, [...pasted.cells, ...filled]));
  };
  useEffect(() => {
    // Without rows there is no grid to paste into: then the page takes it.
    if (rows.length > 0 || readOnly || list.isPending) return;
    const pasted = (event: globalThis.ClipboardEvent) => {
      const text = event.clipboardData?.getData("text/plain");
      if (!text || isTyping(event.target)) return;
      event.preventDefault();
      paste(parseTsv(text));
    };
    document.addEventListener("paste", pasted);
    return () => document.removeEventListener("paste", pasted);
  });

  const show = (cells: ReadonlyMap<string, string>) => {
    const row = rows.findIndex((one) => columns.some((id) => cells.has(cellKey(one.id, id))));
    const column = columns.findIndex((id) => rows[row] && cells.has(cellKey(rows[row].id, id)));
    if (row >= 0) setPlace({ active: { row, column }, anchor: { row, column } });
    focusGrid();
  };
  const save = async (force = false) => {
    if (size === 0 || busy || readOnly) return;
    if (draft.broken.size > 0) return show(draft.broken);
    setConflict(null);
    setBusy(t("saving"));
    try {
      const others = force ? [] : await lookForConflicts(dataset.id, draft);
      if (others.length > 0) return setConflict(others);
      const result = await saveDraft(dataset.id, draft, (done) => setBusy(t("removing", { done, n: draft.removed.size })));
      const any = result.created + result.updated + result.removed > 0;
      if (any) {
        await client.invalidateQueries({ queryKey: ["datasets", "items", dataset.id] });
        void client.invalidateQueries({ queryKey: ["datasets"] });
      }
      setErrors(result.cells);
      if (result.error) {
        if (any) state.settle(result.left);
        show(result.cells);
        toastError(result.cells.size > 0 ? t("mend") : messageOf(result.error, t("failed")));
      } else {
        state.saved.current = true;
        state.settle(CLEAN);
        toast(t("saved", { created: result.created, updated: result.updated, removed: result.removed }));
      }
    } catch (error) {
      toastError(messageOf(error, t("failed")));
    } finally {
      setBusy(null);
    }
  };
  useShortcuts([
    { keys: "Mod+Enter", label: { en: "Save the items", vi: "Lưu các mục" }, run: () => void save() },
    { keys: "n", label: { en: "Add a row", vi: "Thêm dòng" }, run: () => { if (!readOnly) add(); } },
  ]);
  const discard = () => { setConflict(null); change(CLEAN); void list.refetch(); };

  if (list.error && items.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const row = rows[at.row];
  const field = columns[at.column];
  const wrong = row && field ? errors.get(cellKey(row.id, field)) ?? (draft.broken.has(cellKey(row.id, field)) ? t("badCell") : undefined) : undefined;
  const many = errors.size + draft.broken.size;
  return (
    <div className="grid gap-2">
      {url.version && (
        <p className="flex flex-wrap items-center gap-3 rounded-md bg-info-soft px-3 py-2 text-sm text-info">
          <span className="flex-1">{t("readOnlyVersion", { n: Number(url.version) })}</span>
          <Button size="sm" onClick={() => setUrl({ version: "" }, { push: true })}>{t("backToNow")}</Button>
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {!readOnly && <>
          <Button onClick={add}><Plus aria-hidden />{t("addRow")}</Button>
          <Button variant="ghost" size="icon" aria-label={t("undo")} title={t("undo")} disabled={!state.canUndo} onClick={state.undo}><Undo2 aria-hidden /></Button>
          <Button variant="ghost" size="icon" aria-label={t("redo")} title={t("redo")} disabled={!state.canRedo} onClick={state.redo}><Redo2 aria-hidden /></Button>
          <Button variant="ghost" size="icon" aria-label={t("remove")} title={t("remove")} disabled={rows.length === 0} onClick={() => remove()}><Trash2 aria-hidden /></Button>
        </>}
        <SearchInput label={t("find")} className="w-44 max-w-full" value={url.q} onChange={(event) => setUrl({ q: event.target.value })} />
        {(splits.length > 0 || url.split) && (
          <Select aria-label={t("split")} className="w-28" value={url.split} onChange={(event) => setUrl({ split: event.target.value })}>
            <option value="">{t("allSplits")}</option>
            {[...new Set([...splits, ...(url.split ? [url.split] : [])])].map((split) => <option key={split} value={split}>{split}</option>)}
          </Select>
        )}
        <Menu trigger={<Button variant="ghost"><Columns3 aria-hidden />{t("columns")}</Button>}>
          {FIELDS.map(({ id }) => (
            <MenuCheck
              key={id} checked={columns.includes(id)} disabled={id === "key" || (columns.length === 1 && columns.includes(id))}
              onCheckedChange={(on) => setUrl({ columns: FIELDS.map((one) => one.id).filter((one) => (one === id ? on === true : columns.includes(one))).join(",") })}
            >{t(id)}</MenuCheck>
          ))}
        </Menu>
        <Button variant="ghost" aria-pressed={url.rows === "tall"} className={url.rows === "tall" ? "bg-accent-soft text-accent-strong" : ""} onClick={() => setUrl({ rows: url.rows === "tall" ? "" : "tall" })}><Rows3 aria-hidden />{t("tall")}</Button>
        {!readOnly && (
          <div className="ml-auto flex items-center gap-2">
            {size > 0 && <Badge tone="warn">{busy ?? t("unsaved", { n: size })}</Badge>}
            {size > 0 && <Button variant="ghost" disabled={busy !== null} onClick={discard}>{t("discard")}</Button>}
            <Button variant="primary" busy={busy !== null} disabled={size === 0} onClick={() => void save()}>{t("save")}</Button>
          </div>
        )}
      </div>
      {rows.length === 0
        ? <div className="card">{words || url.split
          ? <Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => setUrl({ q: "", split: "" })}>{t("clear")}</Button>}>{t("noMatchText")}</Empty>
          : <Empty title={t("noItems")} action={!readOnly && <>
            <Button variant="primary" onClick={add}><Plus aria-hidden />{t("addRow")}</Button>
            <ButtonLink to={`/datasets/${dataset.id}/import`}><FileUp aria-hidden />{t("import")}</ButtonLink>
          </>}>{!readOnly && t("noItemsText")}</Empty>}</div>
        : <Grid
          rows={rows} columns={columns} draft={draft} readOnly={readOnly || list.isPlaceholderData} tall={url.rows === "tall"} errors={errors} active={at} anchor={from}
          onMove={(next, start) => setPlace({ active: next, anchor: start })}
          onCells={(changes) => change(withCells(draft, items, changes))}
          onPaste={paste} onRemove={() => remove()} onOpen={(one: RowView) => setUrl({ item: one.id }, { push: true })}
          onUndo={state.undo} onRedo={state.redo} onSave={() => void save()}
          onEnd={() => { if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage(); }}
        />}
      <div className="flex min-h-6 flex-wrap items-center gap-3 text-xs text-muted">
        <span>{list.hasNextPage ? t("loadedOf", { n: items.length, total: Math.max(dataset.item_count, items.length) }) : t("nItems", { n: rows.length })}</span>
        {row && field && rows.length > 0 && <span>{t("rowN", { n: at.row + 1 })} · {t(field)}</span>}
        {many > 0 && <span role="alert" className="font-medium text-bad">{t("cellWrong", { n: many })}{wrong ? `: ${wrong}` : ""}</span>}
        <Tooltip text={t("keys")} side="left"><button type="button" className="ml-auto inline-flex items-center gap-1 rounded-sm hover:text-ink"><Keyboard aria-hidden className="size-3.5" />{t("keysShort")}</button></Tooltip>
      </div>
      {opened && (
        <ItemSheet
          key={opened.id} row={opened} draft={draft} errors={errors} readOnly={readOnly}
          onApply={(item) => change(withItem(draft, items, opened, item))}
          onRemove={() => remove([opened.id])}
          onClose={() => setUrl({ item: "" })}
        />
      )}
      {conflict && (
        <Dialog
          open title={t("conflictTitle")} onClose={() => setConflict(null)}
          description={t("conflictText", { keys: conflict.slice(0, 5).join(", ") + (conflict.length > 5 ? "…" : "") })}
          actions={<>
            <Button onClick={discard}>{t("keepTheirs")}</Button>
            <Button variant="danger" onClick={() => void save(true)}>{t("overwrite")}</Button>
          </>}
        />
      )}
    </div>
  );
}

/** At once, or once it is there: what is typed next is meant for the active cell. */
function focusGrid(): void {
  const focus = () => {
    const grid = document.querySelector<HTMLElement>("[role=grid]");
    grid?.focus({ preventScroll: true });
    return grid !== null;
  };
  if (!focus()) requestAnimationFrame(focus);
}

/** The splits of a page; looked at once. */
function splitsOf(items: readonly Item[]): readonly string[] {
  let found = knownSplits.get(items);
  if (!found) knownSplits.set(items, (found = [...new Set(items.map((item) => item.split).filter((split) => typeof split === "string"))]));
  return found;
}
const knownSplits = new WeakMap<readonly Item[], readonly string[]>();

const clamp = (value: number, count: number) => Math.max(0, Math.min(value, count - 1));
