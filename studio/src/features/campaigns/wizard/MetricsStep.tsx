import { useState } from "react";
import { Plus, X } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useCatalogue } from "@/features/metrics/kind";
import { MetricParams } from "@/features/metrics/MetricParams";
import { useText } from "@/i18n";
import { score } from "@/lib/format";
import { numberAt, textAt } from "@/resource/fields";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Field, useFieldError } from "@/ui/field";
import { Input } from "@/ui/input";
import { Section } from "@/ui/section";
import { useForm } from "./form";
import { wizardTexts } from "./i18n";
import { MetricPicker } from "./MetricPicker";
import type { Kind } from "./spec";

/** How answers are scored. */
export function MetricsStep() {
  const t = useText(wizardTexts);
  const form = useForm();
  const [picking, setPicking] = useState(false);
  const kinds = useCatalogue();
  const metrics = form.value.metrics ?? [];
  const add = (metric: Schemas["MetricSpec"]) => {
    setPicking(false);
    form.set("/metrics", [...metrics, metric]);
  };
  return (
    <>
      {metrics.length === 0 && <p className="card p-4 text-sm text-muted">{t("noMetrics")}</p>}
      {metrics.map((metric, index) => (
        <MetricCard key={`${metric.kind} ${index} ${metrics.length}`} index={index} kind={kinds.data?.find((one) => one.kind === metric.kind)} onRemove={() => form.set("/metrics", metrics.filter((_, at) => at !== index))} />
      ))}
      <div><Button onClick={() => setPicking(true)}><Plus aria-hidden />{t("addMetric")}</Button></div>
      {picking && <MetricPicker kinds={kinds.data ?? []} onPick={add} onClose={() => setPicking(false)} />}
    </>
  );
}

function MetricCard({ index, kind, onRemove }: { index: number; kind: Kind | undefined; onRemove(): void }) {
  const t = useText(wizardTexts);
  const form = useForm();
  const at = `/metrics/${index}`;
  const metric = form.value.metrics?.[index];
  const title = metric?.name || kind?.name || metric?.kind;
  // What is wrong with a metric as a whole, or with what has no field here.
  const error = useFieldError(`${at}/kind`);
  return (
    <Section
      title={<span className="flex flex-wrap items-center gap-2">{title}<span className="font-mono text-xs font-normal text-muted">{metric?.kind}</span>{kind?.needs_judge && <Badge tone="info">{t("needsJudge")}</Badge>}</span>}
      actions={<Button variant="ghost" size="icon-sm" aria-label={`${t("remove")}: ${title}`} onClick={onRemove}><X aria-hidden /></Button>}
    >
      {kind && <p className="-mt-2 text-sm text-muted">{kind.description} {kind.required_fields.length > 0 && <span className="text-xs">{t("requiredFields", { fields: kind.required_fields.join(", ") })}</span>}</p>}
      {error && <p role="alert" className="text-xs font-medium text-bad">{error}</p>}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("metricName")} pointer={`${at}/name`}><Input placeholder={metric?.kind} {...textAt(form, `${at}/name`, undefined)} /></Field>
        <Field label={t("threshold")} pointer={`${at}/threshold`} {...(kind ? { hint: t("thresholdHint", { value: score(kind.default_threshold) }) } : {})}><Input min={0} max={1} step={0.05} {...numberAt(form, `${at}/threshold`)} /></Field>
      </div>
      {kind && <MetricParams form={form} entry={kind} pointer={`${at}/params`} />}
    </Section>
  );
}
