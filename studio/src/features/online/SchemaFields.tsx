import { useText } from "@/i18n";
import { JsonField, numberAt, textAt, tickAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { ruleTexts } from "./i18n";

type AnyForm = Pick<ResourceForm<never, never>, "get" | "text" | "set">;

/** As much of JSON Schema as parameters of metrics use. */
interface Schema {
  type?: string | string[];
  enum?: unknown[];
  description?: string;
  default?: unknown;
  items?: Schema;
  maxLength?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}

const isA = (schema: Schema, type: string) => (Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type);

/** Fields for an object that a JSON Schema describes; what is deeper than a list of texts is edited as JSON. */
export function SchemaFields({ form, schema, pointer }: { form: AnyForm; schema: unknown; pointer: string }) {
  const { properties = {}, required = [] } = schema as Schema;
  const entries = Object.entries(properties).sort(([a], [b]) => Number(required.includes(b)) - Number(required.includes(a)));
  return <>{entries.map(([name, one]) => <OneField key={name} form={form} name={name} schema={one} pointer={`${pointer}/${name}`} required={required.includes(name)} />)}</>;
}

const labelOf = (name: string) => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");

function OneField({ form, name, schema, pointer, required }: { form: AnyForm; name: string; schema: Schema; pointer: string; required: boolean }) {
  const t = useText(ruleTexts);
  const label = labelOf(name);
  const hint = schema.description;
  const fallback = schema.default === undefined || schema.default === null ? undefined : String(schema.default);
  if (isA(schema, "boolean") && !isA(schema, "object")) {
    const value = form.get(pointer);
    return (
      <div data-pointer={pointer}>
        <label className="flex items-center gap-2 text-sm">
          <Checkbox {...tickAt(form, pointer)} checked={typeof value === "boolean" ? value : schema.default === true} onChange={(event) => form.set(pointer, event.target.checked)} />{label}
        </label>
        {hint && <p className="pl-6 text-xs text-muted">{hint}</p>}
      </div>
    );
  }
  if (schema.enum) {
    return (
      <Field label={label} pointer={pointer} hint={hint} required={required}>
        <Select value={form.text(pointer) || fallback || ""} onChange={(event) => form.set(pointer, event.target.value || undefined)}>
          {!fallback && <option value="" />}
          {schema.enum.map((one) => <option key={String(one)} value={String(one)}>{String(one)}</option>)}
        </Select>
      </Field>
    );
  }
  if (isA(schema, "number") || isA(schema, "integer")) return <Field label={label} pointer={pointer} hint={hint} required={required}><Input step="any" placeholder={fallback} {...numberAt(form, pointer)} /></Field>;
  if (isA(schema, "string")) {
    return (
      <Field label={label} pointer={pointer} hint={hint} required={required}>
        {(schema.maxLength ?? 0) > 1000 ? <Textarea rows={2} placeholder={fallback} {...textAt(form, pointer, "absent")} /> : <Input placeholder={fallback} {...textAt(form, pointer, "absent")} />}
      </Field>
    );
  }
  if (isA(schema, "array") && schema.items && (isA(schema.items, "string") || schema.items.enum)) {
    const value = form.get(pointer);
    const lines = Array.isArray(value) ? value.join("\n") : "";
    return (
      <Field label={label} pointer={pointer} hint={[hint, t("oneALine"), schema.items.enum?.join(", ")].filter(Boolean).join(" · ")} required={required}>
        <Textarea rows={2} value={lines} onChange={(event) => form.set(pointer, event.target.value === "" ? undefined : event.target.value.split("\n"))} />
      </Field>
    );
  }
  return <JsonField form={form} pointer={pointer} label={label} {...(hint ? { hint } : {})} />;
}
