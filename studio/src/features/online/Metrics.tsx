import { useMemo } from "react";
import { Gavel, X } from "lucide-react";
import { type CatalogueEntry, useCatalogue } from "@/features/metrics/kind";
import { MetricParams } from "@/features/metrics/MetricParams";
import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field, useFieldError } from "@/ui/field";
import { Input } from "@/ui/input";
import { ErrorState } from "@/ui/states";
import { ruleTexts } from "./i18n";
import type { MetricSpec } from "./kind";

type AnyForm = Pick<ResourceForm<never, never>, "get" | "text" | "set">;

/** The metrics of a form at `/metrics`: chosen by name, each with its threshold and parameters. */
export function Metrics({ form }: { form: AnyForm }) {
  const t = useText(ruleTexts);
  const catalogue = useCatalogue();
  const metrics = (form.get("/metrics") ?? []) as MetricSpec[];
  const error = useFieldError("/metrics");
  const options = useMemo(() => (catalogue.data ?? []).map((one) => ({ value: one.kind, label: one.name, hint: [one.needs_judge ? t("needsJudge") : "", one.description].filter(Boolean).join(" · ") })), [catalogue.data, t]);
  if (catalogue.error) return <ErrorState error={catalogue.error} onRetry={() => void catalogue.refetch()} />;
  return (
    <div className="grid gap-3" data-pointer="/metrics">
      {metrics.length === 0 && <p className="text-sm text-muted">{t("noMetrics")}</p>}
      {metrics.map((metric, at) => {
        const known = catalogue.data?.find((one) => one.kind === metric.kind);
        return <Metric key={`${at}${metric.kind}`} form={form} at={at} metric={metric} known={known} onRemove={() => form.set("/metrics", metrics.filter((_, place) => place !== at))} />;
      })}
      <Combobox
        aria-label={t("addMetric")} value={null} placeholder={t("addMetric")} options={options} className="sm:w-72"
        onChange={(kind) => form.set("/metrics", [...metrics, { kind }])}
      />
      {error && metrics.length === 0 && <p role="alert" className="text-xs font-medium text-bad">{error}</p>}
    </div>
  );
}

function Metric({ form, at, metric, known, onRemove }: { form: AnyForm; at: number; metric: MetricSpec; known: CatalogueEntry | undefined; onRemove(): void }) {
  const t = useText(ruleTexts);
  const pointer = `/metrics/${at}`;
  const name = known?.name ?? metric.kind;
  return (
    <fieldset className="grid gap-3 rounded-md border border-line bg-raised p-3">
      <legend className="sr-only">{name}</legend>
      <header className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2 text-sm font-medium">{name}{known?.needs_judge && <Badge><Gavel aria-hidden className="size-3" />{t("needsJudge")}</Badge>}</p>
          {known && <p className="text-xs text-muted">{known.description} {known.required_fields.length > 0 && t("needs", { fields: known.required_fields.join(", ") })}</p>}
        </div>
        <Button variant="ghost" size="icon-sm" aria-label={t("removeMetric", { name })} onClick={onRemove}><X aria-hidden /></Button>
      </header>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("metricName")} pointer={`${pointer}/name`}><Input placeholder={name} {...textAt(form, `${pointer}/name`, "absent")} /></Field>
        <Field label={t("threshold")} pointer={`${pointer}/threshold`}><Input min={0} max={1} step="any" placeholder={known ? String(known.default_threshold) : ""} {...numberAt(form, `${pointer}/threshold`)} /></Field>
      </div>
      {known && <MetricParams form={form} entry={known} pointer={`${pointer}/params`} />}
    </fieldset>
  );
}
