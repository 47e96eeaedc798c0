import { useState } from "react";
import { Plus, X } from "lucide-react";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { useFieldError } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { conditionOn, type FilterColumn, isKeyed, isList, isNumber, OPERATORS, typedValue, valueOf } from "./columns";
import type { Condition } from "./conditions";
import { traceTexts } from "./i18n";

/** Conditions on traces or scores, all of which hold; `pointer` is where they stand in what is sent. */
export function FilterEditor({ value, onChange, columns, pointer = "/filter" }: {
  value: readonly Condition[];
  onChange(next: Condition[]): void;
  columns: readonly FilterColumn[];
  pointer?: string;
}) {
  const t = useText(traceTexts);
  const error = useFieldError(pointer);
  const replace = (at: number, next: Condition) => onChange(value.map((one, place) => (place === at ? next : one)));
  return (
    <div className="grid gap-2" data-pointer={pointer}>
      {value.length === 0 && <p className="text-sm text-muted">{t("noConditions")}</p>}
      {value.map((condition, at) => (
        <Row key={at} condition={condition} columns={columns} onChange={(next) => replace(at, next)} onRemove={() => onChange(value.filter((_, place) => place !== at))} />
      ))}
      <div>
        <Button size="sm" onClick={() => onChange([...value, conditionOn(columns[0] as FilterColumn)])}><Plus aria-hidden />{t("addCondition")}</Button>
      </div>
      {error && <p role="alert" className="text-xs font-medium text-bad">{error}</p>}
    </div>
  );
}

function Row({ condition, columns, onChange, onRemove }: { condition: Condition; columns: readonly FilterColumn[]; onChange(next: Condition): void; onRemove(): void }) {
  const t = useText(traceTexts);
  const known = columns.find((one) => one.column === condition.column);
  const operators = OPERATORS[condition.type] ?? [condition.operator];
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-md bg-sunken/60 p-2">
      <Select
        aria-label={t("column")} className="w-40 flex-1" value={condition.column}
        onChange={(event) => onChange(conditionOn(columns.find((one) => one.column === event.target.value) ?? (columns[0] as FilterColumn)))}
      >
        {!known && <option value={condition.column}>{condition.column}</option>}
        {columns.map((one) => <option key={one.column} value={one.column}>{t(one.label as "name")}</option>)}
      </Select>
      {isKeyed(condition.type) && (
        <Input aria-label={t("key")} placeholder={t("key")} className="w-32 flex-1" value={condition.key ?? ""} onChange={(event) => onChange({ ...condition, key: event.target.value })} />
      )}
      <Select aria-label={t("operator")} className="w-32" value={condition.operator} onChange={(event) => onChange({ ...condition, operator: event.target.value })}>
        {[...new Set([condition.operator, ...operators])].map((one) => <option key={one} value={one}>{one}</option>)}
      </Select>
      <Value condition={condition} values={known?.values} onChange={onChange} />
      <Button variant="ghost" size="icon-sm" aria-label={t("removeCondition")} onClick={onRemove}><X aria-hidden /></Button>
    </div>
  );
}

function Value({ condition, values, onChange }: { condition: Condition; values: readonly string[] | undefined; onChange(next: Condition): void }) {
  const t = useText(traceTexts);
  const written = typedValue(condition);
  // A comma that was just typed separates nothing yet, but must not vanish.
  const [typed, setTyped] = useState(written);
  const set = (text: string) => {
    setTyped(text);
    onChange({ ...condition, value: valueOf(condition.type, text) });
  };
  if (condition.type === "boolean" || values) {
    const choices = values ?? ["true", "false"];
    return (
      <Select aria-label={t("value")} className="w-36 flex-1" value={written} onChange={(event) => set(event.target.value)}>
        {[...new Set([...(choices.includes(written) || written === "" ? [] : [written]), ...choices])].map((one) => <option key={one} value={one}>{one}</option>)}
      </Select>
    );
  }
  const shown = JSON.stringify(valueOf(condition.type, typed)) === JSON.stringify(condition.value) ? typed : written;
  return (
    <Input
      aria-label={t("value")} className="w-40 flex-1" type={isNumber(condition.type) ? "number" : "text"} step="any"
      placeholder={isList(condition.type) ? t("optionsHint") : t("value")} value={shown} onChange={(event) => set(event.target.value)}
    />
  );
}

/** A condition in words. */
export const wordsOf = (condition: Condition, label: (column: string) => string) =>
  [label(condition.column), condition.key, condition.operator, typedValue(condition)].filter(Boolean).join(" ");
