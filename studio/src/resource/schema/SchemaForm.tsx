import { Plus, X } from "lucide-react";
import { type ReactElement, useContext } from "react";
import { useText } from "@/i18n";
import { keysOf, pointerOf } from "@/lib/pointer";
import { JsonField } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Field, useFieldError } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { Told } from "@/ui/told";
import { SchemaControls } from "./controls";
import { Group, type SchemaControlProps } from "./Group";
import { schemaTexts } from "./i18n";
import { MapField } from "./MapField";
import { branchesOf, branchOf, initialOf, type JsonSchema, readable, resolved, shapeOf, typeOf } from "./shape";

/**
 * A form made from a JSON Schema: objects, lists, choices, numbers, texts, boxes, and one of several forms. What it does not
 * understand is edited as JSON. It hints at bounds and does not check them: the server does.
 */
export function SchemaForm({ schema, value, onChange, pointer = "" }: {
  schema: JsonSchema;
  value: unknown;
  onChange(value: unknown): void;
  pointer?: string;
}) {
  const own = resolved(schema, schema);
  if (shapeOf(own, schema) === "object") return <Properties schema={own} root={schema} value={value} onChange={onChange} pointer={pointer} />;
  return <Control schema={own} root={schema} value={value} onChange={onChange} pointer={pointer} label="JSON" />;
}

function Properties({ schema, root, value, onChange, pointer, skip }: Omit<SchemaControlProps, "label"> & { skip?: string | undefined }) {
  const required = new Set(schema.required);
  const held = record(value);
  // What must be said comes first; the rest stays in the schema's order.
  const names = Object.keys(schema.properties ?? {}).filter((name) => name !== skip).sort((a, b) => Number(required.has(b)) - Number(required.has(a)));
  const put = (name: string, next: unknown) => {
    const { [name]: _, ...rest } = held;
    onChange(next === undefined ? rest : { ...held, [name]: next });
  };
  return (
    <div className="grid gap-4">
      {names.map((name) => {
        const property = resolved(schema.properties?.[name] ?? {}, root);
        return (
          <Control
            key={name}
            schema={property}
            root={root}
            value={held[name]}
            onChange={(next) => put(name, next)}
            pointer={pointer + pointerOf(name)}
            label={property.title ?? readable(name)}
            required={required.has(name)}
          />
        );
      })}
    </div>
  );
}

/** The control of one value: what {@link SchemaControls} has for its name, or what its schema says. */
function Control(props: SchemaControlProps) {
  const Own = useContext(SchemaControls)[keysOf(props.pointer).at(-1) ?? ""];
  return Own ? <Own {...props} /> : <Usual {...props} />;
}

function Usual(props: SchemaControlProps) {
  const { schema, root, value, onChange, pointer, label, required, compact } = props;
  const t = useText(schemaTexts);
  const field = (control: ReactElement, hint?: string) => (
    <Field label={label} pointer={pointer} required={required ?? false} hint={[schema.description, hint].filter(Boolean).join(" ") || undefined}>{control as never}</Field>
  );
  switch (shapeOf(schema, root)) {
    case "const": return null;
    case "enum": return field(
      <Select value={value === undefined ? "" : String(value)} onChange={(event) => onChange(schema.enum?.find((one) => String(one) === event.target.value))}>
        {(!required || value === undefined) && <option value="">{schema.default === undefined ? t("none") : t("standard", { value: String(schema.default) })}</option>}
        {schema.enum?.map((one) => <option key={String(one)} value={String(one)}>{String(one)}</option>)}
      </Select>,
    );
    case "boolean": return <BooleanField {...props} />;
    case "number": return field(
      <Input
        type="number" inputMode="decimal" min={schema.minimum ?? schema.exclusiveMinimum} max={schema.maximum ?? schema.exclusiveMaximum}
        step={typeOf(schema) === "integer" ? 1 : "any"} placeholder={schema.default === undefined ? undefined : String(schema.default)}
        value={typeof value === "number" ? String(value) : ""}
        onChange={(event) => onChange(event.target.value === "" ? undefined : Number(event.target.value))}
        className="max-w-56"
      />,
      boundsOf(schema, t),
    );
    case "text": case "long": {
      const control = {
        value: typeof value === "string" ? value : "",
        placeholder: typeof schema.default === "string" ? schema.default : undefined,
        onChange: (event: { target: { value: string } }) => onChange(event.target.value === "" && !required ? undefined : event.target.value),
      };
      return field(shapeOf(schema, root) === "long" ? <Textarea rows={1} {...(compact ? { className: "min-h-8" } : {})} {...control} /> : <Input spellCheck={false} {...control} />);
    }
    case "enums": return <EnumsField {...props} />;
    case "list": return <ListField {...props} />;
    case "map": return <MapField {...props} />;
    case "union": return <UnionField {...props} />;
    case "object": return (
      <Group {...props}>
        {value === undefined && !required
          ? <div><Button size="sm" onClick={() => onChange(initialOf(schema, root) ?? {})}><Plus aria-hidden />{t("add")}</Button></div>
          : <>
            <Properties schema={schema} root={root} value={value} onChange={onChange} pointer={pointer} />
            {!required && <div><Button variant="ghost" size="sm" onClick={() => onChange(undefined)}><X aria-hidden />{t("fewer")}</Button></div>}
          </>}
      </Group>
    );
    default: return (
      <JsonField
        form={{ get: () => value, text: () => "", set: (_, next) => onChange(next) }}
        pointer={pointer} label={label} {...(schema.description ? { hint: schema.description } : {})}
      />
    );
  }
}

function BooleanField({ schema, value, onChange, pointer, label }: SchemaControlProps) {
  const error = useFieldError(pointer);
  const standard = schema.default === true;
  return (
    <div className="grid gap-1" data-pointer={pointer}>
      <label className="flex min-h-6 items-center gap-2 text-sm font-medium">
        <Checkbox checked={value === undefined ? standard : value === true} onChange={(event) => onChange(event.target.checked === standard ? undefined : event.target.checked)} />
        {label}
      </label>
      {schema.description && <p className="text-xs text-muted"><Told text={schema.description} /></p>}
      {error && <p role="alert" className="text-xs font-medium text-bad">{error}</p>}
    </div>
  );
}

/** Several of a few: boxes. */
function EnumsField(props: SchemaControlProps) {
  const { schema, root, value, onChange } = props;
  const choices = resolved(schema.items ?? {}, root).enum ?? [];
  const chosen: unknown[] = Array.isArray(value) ? value : Array.isArray(schema.default) ? schema.default : [];
  return (
    <Group {...props}>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {choices.map((one) => (
          <label key={String(one)} className="flex h-6 items-center gap-2 text-sm">
            <Checkbox
              checked={chosen.includes(one)}
              onChange={(event) => onChange(choices.filter((other) => (other === one ? event.target.checked : chosen.includes(other))))}
            />
            {String(one)}
          </label>
        ))}
      </div>
    </Group>
  );
}

function ListField(props: SchemaControlProps) {
  const { schema, root, value, onChange, pointer, required } = props;
  const t = useText(schemaTexts);
  const held: unknown[] = Array.isArray(value) ? value : [];
  const item = resolved(schema.items ?? {}, root);
  const put = (index: number, next: unknown) => onChange(held.map((one, at) => (at === index ? (next === undefined ? initialOf(item, root) ?? null : next) : one)));
  const drop = (index: number) => {
    const rest = held.filter((_, at) => at !== index);
    onChange(rest.length === 0 && !required ? undefined : rest);
  };
  return (
    <Group {...props}>
      {held.map((one, index) => (
        <div key={index} className="flex items-start gap-2">
          <div className="min-w-0 flex-1">
            <Control schema={item} root={root} value={one} onChange={(next) => put(index, next)} pointer={`${pointer}/${index}`} label={t("entry", { n: index + 1 })} required compact />
          </div>
          <Button variant="ghost" size="icon-sm" aria-label={t("remove", { name: t("entry", { n: index + 1 }) })} onClick={() => drop(index)}><X aria-hidden /></Button>
        </div>
      ))}
      {held.length < (schema.maxItems ?? Infinity) && (
        <div><Button size="sm" onClick={() => onChange([...held, initialOf(item, root) ?? null])}><Plus aria-hidden />{t("add")}</Button></div>
      )}
    </Group>
  );
}

/** One of several forms: which, and its own fields. */
function UnionField(props: SchemaControlProps) {
  const { schema, root, value, onChange, pointer, required } = props;
  const t = useText(schemaTexts);
  const branches = branchesOf(schema, root);
  const at = branchOf(value, branches);
  const branch = branches[at]?.schema;
  return (
    <Group {...props}>
      <Select
        aria-label={`${props.label}: ${t("form")}`}
        value={at < 0 ? "" : String(at)}
        onChange={(event) => {
          const next = branches[Number(event.target.value)];
          onChange(event.target.value === "" || !next ? undefined : initialOf(next.schema, root) ?? null);
        }}
        className="max-w-64"
      >
        {(at < 0 || !required) && <option value="">{t("none")}</option>}
        {branches.map((one, index) => <option key={index} value={index}>{readable(one.name)}</option>)}
      </Select>
      {branch && (shapeOf(branch, root) === "object"
        ? <Properties schema={branch} root={root} value={value} onChange={onChange} pointer={pointer} />
        : <Control schema={branch} root={root} value={value} onChange={onChange} pointer={pointer} label={t("value")} required />)}
    </Group>
  );
}

/** Bounds beyond this are not told. */
const FAR = 1000;

function boundsOf(schema: JsonSchema, t: ReturnType<typeof useText<(typeof schemaTexts)["en"]>>): string | undefined {
  const { minimum: min } = schema;
  // A bound that only keeps out nonsense says nothing.
  const max = schema.maximum !== undefined && schema.maximum <= FAR ? schema.maximum : undefined;
  if (min !== undefined && max !== undefined) return `${t("between", { min, max })}.`;
  if (min !== undefined) return `${t("atLeast", { min })}.`;
  return max === undefined ? undefined : `${t("atMost", { max })}.`;
}

const record = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
