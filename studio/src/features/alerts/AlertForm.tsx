import { useMemo } from "react";
import { SCORE_COLUMNS, TRACE_COLUMNS } from "@/features/traces/columns";
import type { Condition } from "@/features/traces/conditions";
import { endsOf, useAsk } from "@/features/analytics/ask";
import { FilterEditor } from "@/features/traces/FilterEditor";
import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { Channels } from "./Channels";
import { alertTexts } from "./i18n";
import type { Alert, AlertSpec } from "./kind";

type Form = ResourceForm<Alert, AlertSpec>;

const MEASURES = ["score", "latency", "cost", "error_rate"] as const;
const AGGREGATIONS = ["mean", "pass_rate", "p50", "p95", "p99", "sum", "count"] as const;

/** The fields of an alert. */
export function AlertForm({ form }: { form: Form }) {
  const t = useText(alertTexts);
  const { value } = form;
  const measure = value.measure.type;
  return (
    <>
      <Section title={t("what")}>
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_10rem]">
          <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
          <Field label={t("severity")} pointer="/severity">
            <Select value={value.severity ?? "warning"} onChange={(event) => form.set("/severity", event.target.value)}>{(["info", "warning", "critical"] as const).map((one) => <option key={one} value={one}>{t(one)}</option>)}</Select>
          </Field>
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("measure")} pointer="/measure">
            <Select
              value={measure}
              // Columns of scores are others than those of traces, so that conditions on one say nothing of the other.
              onChange={(event) => form.replace({ ...value, measure: event.target.value === "score" ? { type: "score", name: "" } : { type: event.target.value }, filter: (measure === "score") === (event.target.value === "score") ? value.filter : [] } as AlertSpec)}
            >
              {MEASURES.map((one) => <option key={one} value={one}>{t(one)}</option>)}
            </Select>
          </Field>
          {measure === "score" && <ScoreName form={form} />}
          <Field label={t("window")} pointer="/window_minutes" hint={t("windowHint")} required><Input min={1} {...numberAt(form, "/window_minutes")} /></Field>
          <Field label={t("minSamples")} pointer="/min_samples" hint={t("minHint")}><Input min={1} placeholder="10" {...numberAt(form, "/min_samples")} /></Field>
        </div>
        <div className="grid gap-1">
          <h3 className="text-sm font-medium">{t("filter")}</h3>
          <FilterEditor value={(value.filter ?? []) as Condition[]} onChange={(next) => form.set("/filter", next)} columns={measure === "score" ? SCORE_COLUMNS : TRACE_COLUMNS} />
        </div>
        <label className="flex items-center gap-2 text-sm"><Checkbox checked={value.enabled ?? true} onChange={(event) => form.set("/enabled", event.target.checked)} />{t("enabled")}</label>
      </Section>
      <Section title={t("when")}><When form={form} /></Section>
      <Section title={t("who")}>
        <Channels form={form} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("renotify")} pointer="/renotify_minutes" hint={t("renotifyHint")}><Input min={1} {...numberAt(form, "/renotify_minutes")} /></Field>
          <Field label={t("noData")} pointer="/no_data">
            <Select value={value.no_data ?? "show"} onChange={(event) => form.set("/no_data", event.target.value)}>{(["show", "notify", "keep"] as const).map((one) => <option key={one} value={one}>{t(one)}</option>)}</Select>
          </Field>
        </div>
        <label className="flex items-center gap-2 text-sm"><Checkbox checked={value.notify_recovery ?? true} onChange={(event) => form.set("/notify_recovery", event.target.checked)} />{t("recovery")}</label>
        <Field label={t("description")} pointer="/description" hint={t("descriptionHint")}><Textarea rows={2} {...textAt(form, "/description")} /></Field>
      </Section>
    </>
  );
}

/** The name of a score; those of the last month are suggested. */
function ScoreName({ form }: { form: Form }) {
  const t = useText(alertTexts);
  const ends = useMemo(() => endsOf("30d", "", ""), []);
  const names = useAsk({ view: "scores-numeric", metrics: [{ measure: "count", aggregation: "count" }], dimensions: ["name"], limit: 200, ...ends });
  return (
    <>
      <Field label={t("scoreName")} pointer="/measure/name" required><Input list="score-names" autoComplete="off" placeholder={t("findScore")} {...textAt(form, "/measure/name")} /></Field>
      <datalist id="score-names">{(names.data?.rows ?? []).map((row) => <option key={String(row.name)} value={String(row.name)} />)}</datalist>
    </>
  );
}

function When({ form }: { form: Form }) {
  const t = useText(alertTexts);
  const { condition, measure } = form.value;
  const unit = condition.type === "threshold" && condition.aggregation === "count" ? undefined : measure.type === "latency" ? t("ms") : measure.type === "cost" ? t("usd") : measure.type === "error_rate" ? t("share") : undefined;
  const select = (pointer: string, label: string, options: readonly (keyof typeof alertTexts.en & string)[]) => (
    <Field label={label} pointer={pointer}>
      <Select value={form.text(pointer) || options.at(-1)} onChange={(event) => form.set(pointer, event.target.value)}>{options.map((one) => <option key={one} value={one}>{t(one as "mean")}</option>)}</Select>
    </Field>
  );
  return (
    <>
      <Field label={t("condition")} pointer="/condition/type">
        <Select
          className="sm:w-72" value={condition.type}
          onChange={(event) => form.set("/condition", event.target.value === "threshold" ? { type: "threshold", aggregation: "mean", comparison: "below", value: 0.7 } : { type: "change_point", reference_minutes: 1440, shift: "any" })}
        >
          <option value="threshold">{t("threshold")}</option>
          <option value="change_point">{t("change_point")}</option>
        </Select>
      </Field>
      {condition.type === "threshold" ? (
        <div className="grid gap-4 sm:grid-cols-4">
          {select("/condition/aggregation", t("aggregation"), AGGREGATIONS)}
          {select("/condition/comparison", t("comparison"), ["below", "above"])}
          <Field label={t("value")} pointer="/condition/value" hint={unit} required><Input step="any" {...numberAt(form, "/condition/value")} /></Field>
          {condition.aggregation === "pass_rate" && <Field label={t("passAt")} pointer="/condition/pass_at"><Input step="any" placeholder="0.5" {...numberAt(form, "/condition/pass_at")} /></Field>}
        </div>
      ) : (
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Field label={t("reference")} pointer="/condition/reference_minutes" required><Input min={1} {...numberAt(form, "/condition/reference_minutes")} /></Field>
          {select("/condition/shift", t("shift"), ["down", "up", "any"])}
          <Field label={t("minShift")} pointer="/condition/min_shift" hint={unit}><Input min={0} step="any" placeholder="0" {...numberAt(form, "/condition/min_shift")} /></Field>
          <Field label={t("significance")} pointer="/condition/significance"><Input min={0} max={0.5} step="any" placeholder="0.01" {...numberAt(form, "/condition/significance")} /></Field>
        </div>
      )}
    </>
  );
}
