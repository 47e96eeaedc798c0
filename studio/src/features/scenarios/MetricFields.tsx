import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { JsonField, numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { LinesField } from "@/resource/LinesField";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { scenarioTexts } from "./i18n";

type AnyForm = Pick<ResourceForm<never, never>, "get" | "text" | "set">;
interface Param { type?: string | string[]; items?: { type?: string; enum?: unknown[] }; enum?: unknown[]; default?: unknown; description?: string }
interface ParamsSchema { properties?: Record<string, Param>; required?: string[] }

/** The metrics that exist, with the schemas of their parameters. */
const useCatalogue = () => useQuery({ queryKey: ["metrics", "catalogue"], queryFn: () => unwrap(api.GET("/api/v1/metrics")), staleTime: 300_000 });

/** One metric at a pointer: which, its parameters as its schema has them, from where it passes. */
export function MetricFields({ form, pointer }: { form: AnyForm; pointer: string }) {
  const t = useText(scenarioTexts);
  const catalogue = useCatalogue();
  const kinds = catalogue.data?.data ?? [];
  const kind = form.text(`${pointer}/kind`);
  const found = kinds.find((one) => one.kind === kind);
  return (
    <div className="grid gap-3">
      <Field label={t("kind")} pointer={`${pointer}/kind`} required>
        <Combobox
          value={kind || null}
          options={kinds.map((one) => ({ value: one.kind, label: one.name, hint: one.description }))}
          onChange={(value) => {
            form.set(`${pointer}/kind`, value);
            form.set(`${pointer}/params`, undefined);
          }}
        />
      </Field>
      <Params form={form} pointer={`${pointer}/params`} schema={found?.params_schema as ParamsSchema | undefined} />
      <div className="grid grid-cols-2 gap-3">
        <Field label={t("metricName")} pointer={`${pointer}/name`}><Input placeholder={found?.name} {...textAt(form, `${pointer}/name`, "absent")} /></Field>
        <Field label={t("threshold")} pointer={`${pointer}/threshold`}><Input min={0} max={1} step={0.05} placeholder={found ? String(found.default_threshold) : ""} {...numberAt(form, `${pointer}/threshold`)} /></Field>
      </div>
    </div>
  );
}

/** A field for each parameter, what must be said first; JSON for what no plain field can hold. */
function Params({ form, pointer, schema }: { form: AnyForm; pointer: string; schema: ParamsSchema | undefined }) {
  const t = useText(scenarioTexts);
  const needed = new Set(schema?.required);
  const weight = ([name, param]: [string, Param]) => (needed.has(name) ? 0 : shape(param) === "boolean" ? 2 : 1);
  const entries = Object.entries(schema?.properties ?? {}).sort((one, other) => weight(one) - weight(other));
  return entries.map(([name, param]) => {
    const at = `${pointer}/${name}`;
    const label = name.replaceAll("_", " ");
    const required = needed.has(name);
    switch (shape(param)) {
      case "lines": return <LinesField key={name} form={form} pointer={at} label={label} hint={param.description ?? t("perLine")} required={required} keep={required} />;
      case "boolean": return <Flag key={name} form={form} pointer={at} label={label} param={param} />;
      case "number": return <Field key={name} label={label} pointer={at} hint={param.description} required={required}><Input step="any" {...numberAt(form, at)} /></Field>;
      case "choice": return (
        <Field key={name} label={label} pointer={at} hint={param.description}>
          <Select value={form.text(at)} onChange={(event) => form.set(at, event.target.value || undefined)}>
            <option value="">{typeof param.default === "string" ? param.default : "–"}</option>
            {param.enum?.map(String).filter((one) => one !== param.default).map((one) => <option key={one}>{one}</option>)}
          </Select>
        </Field>
      );
      case "json": return <JsonField key={name} form={form} pointer={at} label={label} {...(param.description ? { hint: param.description } : {})} />;
      default: return <Field key={name} label={label} pointer={at} hint={param.description} required={required}><Input {...textAt(form, at, "absent")} /></Field>;
    }
  });
}

/** A box that is ticked where nothing is said and the server would take it for ticked. */
function Flag({ form, pointer, label, param }: { form: AnyForm; pointer: string; label: string; param: Param }) {
  const otherwise = param.default === true;
  const value = form.get(pointer);
  return (
    <label className="flex items-center gap-2 text-sm" title={param.description}>
      <Checkbox checked={typeof value === "boolean" ? value : otherwise} onChange={(event) => form.set(pointer, event.target.checked === otherwise ? undefined : event.target.checked)} />
      {label}
    </label>
  );
}

function shape({ type, items, enum: choices }: Param): "lines" | "boolean" | "number" | "string" | "choice" | "json" {
  if (choices) return "choice";
  const types = (Array.isArray(type) ? type : [type]).filter((each) => each !== "null");
  const [one] = types;
  if (types.length !== 1) return "json";
  if (one === "array") return items?.type === "string" || items?.enum ? "lines" : "json";
  if (one === "boolean" || one === "string") return one;
  return one === "number" || one === "integer" ? "number" : "json";
}

/** A list of metrics at a pointer. */
export function MetricList({ form, pointer, hint }: { form: AnyForm; pointer: string; hint: string }) {
  const t = useText(scenarioTexts);
  const metrics = (form.get(pointer) ?? []) as Schemas["MetricSpec"][];
  return (
    <div className="grid gap-3">
      {metrics.length === 0 && <p className="text-xs text-muted">{hint}</p>}
      {metrics.map((metric, index) => (
        <div key={index} className="grid gap-2 rounded-md border border-line p-3">
          <MetricFields form={form} pointer={`${pointer}/${index}`} />
          <div>
            <Button
              variant="ghost" size="sm"
              aria-label={t("removeMetric", { name: metric.name || metric.kind })}
              onClick={() => form.set(pointer, metrics.length > 1 ? metrics.filter((_, at) => at !== index) : undefined)}
            >
              <Trash2 aria-hidden />{t("delete")}
            </Button>
          </div>
        </div>
      ))}
      <div><Button size="sm" onClick={() => form.set(pointer, [...metrics, { kind: "contains", params: { values: [] } }])}><Plus aria-hidden />{t("addMetric")}</Button></div>
    </div>
  );
}
