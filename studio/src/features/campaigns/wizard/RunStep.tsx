import { useState } from "react";
import { useText } from "@/i18n";
import { numberAt, tickAt } from "@/resource/fields";
import { Field } from "@/ui/field";
import { Checkbox, Input } from "@/ui/input";
import { Section } from "@/ui/section";
import { BudgetFields } from "../BudgetFields";
import { useForm } from "./form";
import { wizardTexts } from "./i18n";

/** How it runs, what it may spend, and what it must reach. */
export function RunStep() {
  const t = useText(wizardTexts);
  const form = useForm();
  const [tags, setTags] = useState(() => (form.value.tags ?? []).join(", "));
  return (
    <>
      <Section title={t("step_run")}>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={t("repetitions")} pointer="/repetitions"><Input min={1} placeholder="1" {...numberAt(form, "/repetitions")} /></Field>
          <Field label={t("concurrency")} pointer="/concurrency"><Input min={1} placeholder="4" {...numberAt(form, "/concurrency")} /></Field>
          <Field label={t("pace")} pointer="/pace" hint={t("paceHint")}>
            <Input type="number" min={1} value={form.value.pace?.per_minute ?? ""} onChange={(event) => form.set("/pace", event.target.value === "" ? undefined : { per_minute: Number(event.target.value) })} />
          </Field>
        </div>
      </Section>
      <Section title={t("gate")}>
        <div className="grid max-w-md grid-cols-2 gap-4">
          <Field label={t("minPass")} pointer="/gate/min_pass_rate"><Input min={0} max={1} step={0.01} {...numberAt(form, "/gate/min_pass_rate")} /></Field>
          <Field label={t("maxError")} pointer="/gate/max_error_rate"><Input min={0} max={1} step={0.01} {...numberAt(form, "/gate/max_error_rate")} /></Field>
        </div>
      </Section>
      <Section title={t("budget")}>
        <p className="-mt-2 text-sm text-muted">{t("budgetHint")}</p>
        <BudgetFields value={form.value.budget ?? {}} onChange={(budget) => form.set("/budget", budget)} />
      </Section>
      <Section title={t("more")}>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={t("maxAttempts")} pointer="/max_attempts"><Input min={1} placeholder="3" {...numberAt(form, "/max_attempts")} /></Field>
          <Field label={t("seed")} pointer="/seed"><Input min={0} placeholder="0" {...numberAt(form, "/seed")} /></Field>
          <Field label={t("priority")} pointer="/priority"><Input placeholder="0" {...numberAt(form, "/priority")} /></Field>
        </div>
        <Field label={t("tags")} pointer="/tags" hint={t("tagsHint")}>
          <Input value={tags} onChange={(event) => { setTags(event.target.value); const list = event.target.value.split(",").map((one) => one.trim()).filter(Boolean); form.set("/tags", list.length > 0 ? list : undefined); }} />
        </Field>
        <label className="flex items-center gap-2 text-sm"><Checkbox {...tickAt(form, "/record")} />{t("record")}</label>
      </Section>
    </>
  );
}
