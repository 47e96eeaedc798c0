import { Plus, Trash2 } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useCatalogue } from "@/features/metrics/kind";
import { MetricParams } from "@/features/metrics/MetricParams";
import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { scenarioTexts } from "./i18n";

type AnyForm = Pick<ResourceForm<never, never>, "get" | "text" | "set">;

/** One metric at a pointer: which, its parameters as its schema has them, from where it passes. */
export function MetricFields({ form, pointer }: { form: AnyForm; pointer: string }) {
  const t = useText(scenarioTexts);
  const catalogue = useCatalogue();
  const kinds = catalogue.data ?? [];
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
      {found && <MetricParams form={form} entry={found} pointer={`${pointer}/params`} />}
      <div className="grid grid-cols-2 gap-3">
        <Field label={t("metricName")} pointer={`${pointer}/name`}><Input placeholder={found?.name} {...textAt(form, `${pointer}/name`, "absent")} /></Field>
        <Field label={t("threshold")} pointer={`${pointer}/threshold`}><Input min={0} max={1} step={0.05} placeholder={found ? String(found.default_threshold) : ""} {...numberAt(form, `${pointer}/threshold`)} /></Field>
      </div>
    </div>
  );
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
