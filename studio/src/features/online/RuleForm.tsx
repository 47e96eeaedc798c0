import { useDeferredValue, useState } from "react";
import type { Schemas } from "@/api/client";
import { usePages } from "@/api/pages";
import { TRACE_COLUMNS } from "@/features/traces/columns";
import type { Condition } from "@/features/traces/conditions";
import { FilterEditor } from "@/features/traces/FilterEditor";
import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { ruleTexts } from "./i18n";
import type { Rule, RuleSpec } from "./kind";
import { Metrics } from "./Metrics";

type Form = ResourceForm<Rule, RuleSpec>;

/** The fields of a rule: which traces, how they are scored, what it may cost. */
export function RuleForm({ form }: { form: Form }) {
  const t = useText(ruleTexts);
  const { value } = form;
  // Percent of shares: what is typed is not what binary fractions make of it.
  const share = value.sampling_rate === undefined ? "" : String(Number((value.sampling_rate * 100).toFixed(6)));
  return (
    <>
      <Section title={t("which")}>
        <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
        <div>
          <label className="flex items-center gap-2 text-sm"><Checkbox checked={value.enabled ?? true} onChange={(event) => form.set("/enabled", event.target.checked)} />{t("enabled")}</label>
          <p className="pl-6 text-xs text-muted">{t("enabledHint")}</p>
        </div>
        <div className="grid gap-1">
          <h3 className="text-sm font-medium">{t("filter")}</h3>
          <FilterEditor value={(value.filter ?? []) as Condition[]} onChange={(next) => form.set("/filter", next)} columns={TRACE_COLUMNS} />
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("sampling")} pointer="/sampling_rate" hint={t("samplingHint")}>
            <Input type="number" min={0} max={100} step="any" inputMode="decimal" value={share} onChange={(event) => form.set("/sampling_rate", event.target.value === "" ? undefined : Number(event.target.value) / 100)} />
          </Field>
          <Field label={t("delay")} pointer="/delay_s" hint={t("delayHint")}><Input min={0} placeholder="30" {...numberAt(form, "/delay_s")} /></Field>
        </div>
        <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
      </Section>
      <Section title={t("how")}>
        <Metrics form={form} />
        <Judge form={form} />
        <Field label={t("evaluator")} pointer="/evaluator" hint={value.evaluator === "external" ? t("externalHint") : undefined}>
          <Select className="sm:w-72" value={value.evaluator ?? "platform"} onChange={(event) => form.set("/evaluator", event.target.value)}>
            <option value="platform">{t("platform")}</option>
            <option value="external">{t("external")}</option>
          </Select>
        </Field>
      </Section>
      <Section title={t("budget")}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Budget form={form} name="cost_usd" label={t("dailyCost")} hint={t("budgetHint")} />
          <Budget form={form} name="judge_calls" label={t("dailyCalls")} />
        </div>
        <div className="grid gap-4 sm:grid-cols-4">
          <Field label={t("atOnce")} pointer="/at_once"><Input min={1} max={32} placeholder="4" {...numberAt(form, "/at_once")} /></Field>
          <Field label={t("attempts")} pointer="/max_attempts"><Input min={1} placeholder="5" {...numberAt(form, "/max_attempts")} /></Field>
          <Field label={t("runs")} pointer="/judging/runs"><Input min={1} placeholder="1" {...numberAt(form, "/judging/runs")} /></Field>
          <Field label={t("combine")} pointer="/judging/combine">
            <Select value={form.text("/judging/combine") || "mean"} onChange={(event) => form.set("/judging/combine", event.target.value)}><option value="mean">{t("mean")}</option><option value="median">{t("median")}</option></Select>
          </Field>
        </div>
      </Section>
    </>
  );
}

/** One of the bounds; a budget without any is none. */
function Budget({ form, name, label, hint }: { form: Form; name: "cost_usd" | "judge_calls"; label: string; hint?: string }) {
  const budget = form.value.daily_budget;
  const set = (typed: string) => {
    const next = { ...budget, [name]: typed === "" ? null : Number(typed) };
    form.set("/daily_budget", next.cost_usd == null && next.judge_calls == null ? null : next);
  };
  return <Field label={label} pointer={`/daily_budget/${name}`} hint={hint}><Input type="number" min={0} step="any" inputMode="decimal" placeholder="∞" value={budget?.[name] ?? ""} onChange={(event) => set(event.target.value)} /></Field>;
}

function Judge({ form }: { form: Form }) {
  const t = useText(ruleTexts);
  const [words, setWords] = useState("");
  const models = usePages<Schemas["Model"]>({ key: ["models", "choice"], path: "/api/v1/models", query: { q: useDeferredValue(words) } });
  const chosen = form.value.judge_model_id ?? null;
  if (!models.isPending && models.rows.length === 0 && words === "" && !chosen) return <p className="text-sm text-muted">{t("noModels")}</p>;
  return (
    <div className="flex items-end gap-2">
      <Field label={t("judge")} pointer="/judge_model_id" hint={t("judgeHint")} className="flex-1 sm:max-w-72">
        <Combobox value={chosen} onChange={(id) => form.set("/judge_model_id", id)} onSearch={setWords} placeholder={t("chooseJudge")} options={models.rows.map((one) => ({ value: one.id, label: one.name }))} />
      </Field>
      {chosen && <Button variant="ghost" className="mb-5" onClick={() => form.set("/judge_model_id", null)}>{t("noJudge")}</Button>}
    </div>
  );
}
