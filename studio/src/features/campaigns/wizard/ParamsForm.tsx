import { useText } from "@/i18n";
import { JsonField, numberAt, textAt } from "@/resource/fields";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { pointerOf } from "@/lib/pointer";
import { useForm } from "./form";
import { wizardTexts } from "./i18n";
import { fieldOf, type Schema } from "./params";

/** Parameters of a metric, as its JSON Schema describes them; what is no plain field is JSON in an editor. */
export function ParamsForm({ schema, at }: { schema: Record<string, unknown>; at: string }) {
  const t = useText(wizardTexts);
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const required = new Set((schema.required ?? []) as string[]);
  if (properties.length === 0) return null;
  // What must be there is asked first; boxes come last.
  const weight = ([name, one]: [string, Schema]) => (required.has(name) ? 0 : fieldOf(one).type === "tick" ? 2 : 1);
  const sorted = [...properties].sort((a, b) => weight(a) - weight(b));
  return (
    <fieldset className="grid gap-4 border-t border-line pt-3">
      <legend className="sr-only">{t("params")}</legend>
      {sorted.map(([name, one]) => <Param key={name} name={name} schema={one} required={required.has(name)} at={at + pointerOf(name)} />)}
    </fieldset>
  );
}

const titled = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

function Param({ name, schema, required, at }: { name: string; schema: Schema; required: boolean; at: string }) {
  const t = useText(wizardTexts);
  const form = useForm();
  const field = fieldOf(schema);
  const value = form.get(at);
  const label = titled(name);
  const byDefault = schema.default !== undefined && field.type !== "tick" ? t("byDefault", { value: typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default) }) : "";
  const hint = [schema.description, field.type === "lines" ? t("onePerLine") : "", byDefault].filter(Boolean).join(" ");
  const props = { label, pointer: at, required, ...(hint ? { hint } : {}) };
  switch (field.type) {
    case "tick": {
      const usual = schema.default === true;
      return (
        <label className="flex items-start gap-2 text-sm" data-pointer={at}>
          <Checkbox className="mt-0.5" checked={(value as boolean | undefined) ?? usual} onChange={(event) => form.set(at, event.target.checked === usual ? undefined : event.target.checked)} />
          <span><span className="font-medium">{label}</span>{schema.description && <span className="block text-xs text-muted">{schema.description}</span>}</span>
        </label>
      );
    }
    case "choice":
      return (
        <Field {...props} className="max-w-xs">
          <Select value={String(value ?? "")} onChange={(event) => form.set(at, event.target.value || undefined)}>
            <option value="">–</option>
            {field.choices.map((one) => <option key={one} value={one}>{one}</option>)}
          </Select>
        </Field>
      );
    case "choices": {
      const chosen = (value as string[] | undefined) ?? (schema.default as string[] | undefined) ?? [];
      return (
        <fieldset className="grid gap-1" data-pointer={at}>
          <legend className="text-sm font-medium">{label}</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-1">
            {field.choices.map((one) => (
              <label key={one} className="flex min-h-6 items-center gap-1.5 font-mono text-xs">
                <Checkbox checked={chosen.includes(one)} onChange={(event) => form.set(at, field.choices.filter((other) => (other === one ? event.target.checked : chosen.includes(other))))} />{one}
              </label>
            ))}
          </div>
          {hint && <p className="text-xs text-muted">{hint}</p>}
        </fieldset>
      );
    }
    case "number": return <Field {...props} className="max-w-xs"><Input step={field.whole ? 1 : "any"} min={schema.minimum} max={schema.maximum} {...numberAt(form, at)} /></Field>;
    case "text": return <Field {...props}><Input {...textAt(form, at, undefined)} /></Field>;
    case "long": return <Field {...props}><Textarea rows={3} {...textAt(form, at, undefined)} /></Field>;
    case "lines":
      return (
        <Field {...props}>
          <Textarea
            rows={2} value={((value as string[] | undefined) ?? []).join("\n")}
            onChange={(event) => form.set(at, event.target.value === "" ? undefined : event.target.value.split("\n"))}
            // While somebody types, the next line is empty; afterwards it is none.
            onBlur={(event) => { const lines = event.target.value.split("\n").filter((line) => line.trim() !== ""); form.set(at, lines.length > 0 ? lines : undefined); }}
          />
        </Field>
      );
    default: return <JsonField form={form} pointer={at} label={required ? `${label} *` : label} {...(hint ? { hint } : {})} />;
  }
}
