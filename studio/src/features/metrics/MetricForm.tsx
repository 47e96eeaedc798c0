import { useMemo } from "react";
import { useText } from "@/i18n";
import { score } from "@/lib/format";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Badge } from "@/ui/badge";
import { Field, FieldErrors } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { Told } from "@/ui/told";
import { metricTexts } from "./i18n";
import type { CatalogueEntry, LibraryMetric, LibraryMetricSpec } from "./kind";
import { hasParams, MetricParams } from "./MetricParams";

/** The form of a library metric. */
export type MetricFormState = ResourceForm<LibraryMetric, LibraryMetricSpec>;

/** The fields of a metric: those that all have, and the parameters of its kind. `tried` is what a trial complained of. */
export function MetricForm({ form, entry, tried }: { form: MetricFormState; entry: CatalogueEntry; tried: ReadonlyMap<string, string> }) {
  const t = useText(metricTexts);
  const errors = useMemo(() => new Map([...tried, ...form.errors]), [tried, form.errors]);
  return (
    <FieldErrors value={errors}>
      <Section title={entry.name} actions={<span className="font-mono text-xs text-muted">{entry.kind}</span>}>
        <p className="text-sm text-muted"><Told text={entry.description} /></p>
        <p className="flex flex-wrap items-center gap-1.5 text-xs text-muted">
          {entry.needs_judge && <Badge tone="info">{t("judge")}</Badge>}
          {entry.required_fields.length > 0 && <>{t("needs")}: {entry.required_fields.map((field) => <Badge key={field}>{field}</Badge>)}</>}
        </p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
          <Field label={t("tags")} pointer="/tags" hint={t("tagsHint")}>
            <Input
              defaultValue={form.value.tags?.join(", ") ?? ""}
              onChange={(event) => form.set("/tags", event.target.value.split(",").map((tag) => tag.trim()).filter(Boolean))}
            />
          </Field>
          <Field label={t("threshold")} pointer="/metric/threshold" hint={t("thresholdHint", { value: score(entry.default_threshold) })}>
            <Input min={0} max={1} step={0.05} placeholder={String(entry.default_threshold)} {...numberAt(form, "/metric/threshold")} />
          </Field>
          <Field label={t("resultName")} pointer="/metric/name" hint={t("resultNameHint")}><Input placeholder={entry.kind} {...textAt(form, "/metric/name", "absent")} /></Field>
        </div>
        <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
      </Section>
      <Section title={t("params")}>
        {entry.kind === "component" && !entry.components?.length && <p className="text-sm text-warn">{t("noComponents")}</p>}
        {hasParams(entry) ? <MetricParams form={form} entry={entry} pointer="/metric/params" /> : <p className="text-sm text-muted">{t("noParams")}</p>}
      </Section>
    </FieldErrors>
  );
}
