import { useState } from "react";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { CodeEditor } from "@/ui/code-editor";
import { Sheet } from "@/ui/dialog";
import { Field, FieldErrors } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { cellKey, type Draft, type RowView } from "./draft";
import { type FieldId, FIELDS, textOf, valueOf } from "./fields";
import { datasetTexts } from "./i18n";
import type { ItemSpec } from "./kind";

/** A whole item with room for long texts. What is applied goes to the grid, and is saved with it. */
export function ItemSheet({ row, draft, errors, readOnly, onApply, onRemove, onClose }: {
  row: RowView;
  draft: Draft;
  errors: ReadonlyMap<string, string>;
  readOnly: boolean;
  onApply(item: ItemSpec): void;
  onRemove(): void;
  onClose(): void;
}) {
  const t = useText(datasetTexts);
  const [texts, setTexts] = useState<Partial<Record<FieldId, string>>>({});
  const held = (id: FieldId) => draft.broken.get(cellKey(row.id, id)) ?? (FIELDS.find((field) => field.id === id)?.shape === "json" ? pretty(row.item[id]) : textOf(id, row.item[id]));
  const text = (id: FieldId) => texts[id] ?? held(id);
  const wrong = FIELDS.filter(({ id }) => valueOf(id, text(id)).wrong).map(({ id }) => id);
  const complaints = new Map<string, string>([
    ...FIELDS.flatMap(({ id }) => { const message = errors.get(cellKey(row.id, id)); return message ? [[`/${id}`, message] as const] : []; }),
    ...wrong.map((id) => [`/${id}`, t("badCell")] as const),
  ]);
  const apply = () => {
    const item = Object.fromEntries(FIELDS.flatMap(({ id }) => {
      // What was not touched stays as it is, to the letter.
      const value = texts[id] === undefined || texts[id] === held(id) ? row.item[id] : valueOf(id, text(id)).value;
      return value === undefined ? [] : [[id, value]];
    })) as ItemSpec;
    onApply(item);
    onClose();
  };
  const control = (id: FieldId) => ({ value: text(id), readOnly, onChange: (event: { target: { value: string } }) => setTexts((before) => ({ ...before, [id]: event.target.value })) });
  const long = (id: FieldId, rows: number, hint?: string) => (
    <Field label={t(id)} pointer={`/${id}`} hint={hint}><Textarea rows={rows} {...control(id)} /></Field>
  );
  const json = (id: FieldId) => (
    <Field label={t(id)} pointer={`/${id}`} hint={t("jsonHint")}>
      <CodeEditor language="json" label={t(id)} value={text(id)} readOnly={readOnly} onChange={(value) => setTexts((before) => ({ ...before, [id]: value }))} />
    </Field>
  );
  return (
    <Sheet
      open
      onClose={onClose}
      title={typeof row.item.key === "string" && row.item.key ? row.item.key : t("newItem")}
      actions={readOnly ? undefined : <>
        <Button variant="danger" className="mr-auto" onClick={() => { onRemove(); onClose(); }}>{t("removeRow")}</Button>
        <Button variant="primary" disabled={wrong.length > 0} onClick={apply}>{t("apply")}</Button>
      </>}
    >
      <FieldErrors value={complaints}>
        <div className="grid gap-4" onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !readOnly && wrong.length === 0) apply(); }}>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("key")} pointer="/key" hint={t("keyHint")}><Input {...control("key")} readOnly={readOnly || row.state !== "added"} className="font-mono text-xs" /></Field>
            <Field label={t("split")} pointer="/split" hint={t("splitHint")}><Input {...control("split")} /></Field>
          </div>
          {long("input", 3)}
          {long("turns", 2, t("turnsHint"))}
          {long("expected_output", 3)}
          {long("expected_outcome", 2, t("outcomeHint"))}
          {long("context", 2, t("linesHint"))}
          {long("tags", 2, t("linesHint"))}
          {json("expected_tools")}
          {json("metrics")}
          {json("history")}
          {json("metadata")}
        </div>
      </FieldErrors>
    </Sheet>
  );
}

const pretty = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0) ? "" : JSON.stringify(value, null, 2);
