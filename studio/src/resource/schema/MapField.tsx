import { Plus, X } from "lucide-react";
import { useContext, useId, useState } from "react";
import { useText } from "@/i18n";
import { pointerOf } from "@/lib/pointer";
import { Button } from "@/ui/button";
import { FieldErrors } from "@/ui/field";
import { Input } from "@/ui/input";
import { Group, type SchemaControlProps } from "./Group";
import { schemaTexts } from "./i18n";
import { type JsonSchema, mayBeNull, resolved, typeOf } from "./shape";

type Row = readonly [string, unknown];

/** Names with values that the person names: labels with what they are worth, headers. `suggestions` are offered for the values. */
export function MapField({ suggestions = [], ...props }: SchemaControlProps & { suggestions?: readonly string[] }) {
  const { schema, root, value, onChange, pointer, required } = props;
  const t = useText(schemaTexts);
  const errors = useContext(FieldErrors);
  const id = useId();
  const entry = resolved(schema.additionalProperties as JsonSchema, root);
  const isNumber = typeOf(entry) !== "string";
  // Rows, not an object: while a name is typed it may be empty, or there twice.
  const [rows, setRows] = useState<readonly Row[]>(() => entriesOf(value));
  const shown = same(rows, value) ? rows : entriesOf(value);
  const change = (next: readonly Row[]) => {
    setRows(next);
    const named = next.filter(([name]) => name !== "");
    onChange(named.length === 0 && !required ? undefined : Object.fromEntries(named));
  };
  const put = (index: number, row: Row) => change(shown.map((one, at) => (at === index ? row : one)));
  return (
    <Group {...props}>
      {shown.map(([name, held], index) => {
        const error = errors.get(pointer + pointerOf(name));
        const wrong = error ? { "aria-invalid": true, "aria-describedby": `${id}-${index}` } : {};
        return (
          <div key={index} className="grid gap-1">
            <div className="flex items-center gap-2">
              <Input aria-label={`${t("key")} ${index + 1}`} placeholder={t("key")} spellCheck={false} value={name} onChange={(event) => put(index, [event.target.value, held])} {...wrong} />
              <Input
                aria-label={`${t("value")} ${index + 1}`}
                type={isNumber ? "number" : "text"} step="any" min={entry.minimum} max={entry.maximum} spellCheck={false} autoComplete="off"
                list={suggestions.length > 0 ? `${id}-list` : undefined}
                placeholder={mayBeNull(entry) ? t("notApplicable") : t("value")}
                value={held === null || held === undefined ? "" : String(held)}
                onChange={({ target: { value: typed } }) => put(index, [name, typed === "" && mayBeNull(entry) ? null : isNumber ? Number(typed) : typed])}
                {...wrong}
              />
              <Button variant="ghost" size="icon-sm" aria-label={t("remove", { name: name || t("entry", { n: index + 1 }) })} onClick={() => change(shown.filter((_, at) => at !== index))}><X aria-hidden /></Button>
            </div>
            {error && <p id={`${id}-${index}`} role="alert" className="text-xs font-medium text-bad">{error}</p>}
          </div>
        );
      })}
      <div><Button size="sm" onClick={() => change([...shown, ["", isNumber ? (mayBeNull(entry) ? null : 0) : ""]])}><Plus aria-hidden />{t("add")}</Button></div>
      {suggestions.length > 0 && <datalist id={`${id}-list`}>{suggestions.map((one) => <option key={one} value={one} />)}</datalist>}
    </Group>
  );
}

const entriesOf = (value: unknown): Row[] => (value !== null && typeof value === "object" ? Object.entries(value) : []);

/** Whether the rows say what the value says, so that rows in the making stay. */
function same(rows: readonly Row[], value: unknown): boolean {
  const said = Object.fromEntries(rows.filter(([name]) => name !== ""));
  return JSON.stringify(said) === JSON.stringify(Object.fromEntries(entriesOf(value)));
}
