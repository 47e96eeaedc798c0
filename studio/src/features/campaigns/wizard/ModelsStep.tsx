import type { Schemas } from "@/api/client";
import { useCatalogue } from "@/features/metrics/kind";
import { useText } from "@/i18n";
import { numberAt } from "@/resource/fields";
import { ButtonLink } from "@/ui/button";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { type Choice, useChoices } from "../data";
import { useForm } from "./form";
import { wizardTexts } from "./i18n";
import { judgedOf } from "./spec";

/** Who judges, how often, and who plays personas. */
export function ModelsStep() {
  const t = useText(wizardTexts);
  const form = useForm();
  const models = useChoices<Choice & { model: string }>("models");
  const kinds = useCatalogue();
  const judged = judgedOf(form.value, kinds.data ?? []);
  const judging: Partial<Schemas["JudgingInput"]> = form.value.judging ?? {};
  const judge = form.value.judge_model_id ?? "";
  const options = models.rows.map((one) => <option key={one.id} value={one.id}>{one.name === one.model ? one.name : `${one.name} (${one.model})`}</option>);
  const panel = judging.panel ?? [];
  return (
    <>
      <Section title={t("judge")}>
        {!models.isPending && models.rows.length === 0 && <p className="flex items-center gap-3 text-sm text-muted">{t("noModels")}<ButtonLink size="sm" to="/models/new">{t("makeModel")}</ButtonLink></p>}
        <Field label={t("judge")} pointer="/judge_model_id" required={judged.length > 0} hint={judged.length > 0 ? t("judgeHint", { names: judged.join(", ") }) : t("judgeNone")} className="max-w-md">
          <Select value={judge} onChange={(event) => form.set("/judge_model_id", event.target.value || undefined)}><option value="">{t("none")}</option>{options}</Select>
        </Field>
        {judge && (
          <>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label={t("judgeRuns")} pointer="/judging/runs"><Input min={1} max={21} placeholder="1" {...numberAt(form, "/judging/runs")} /></Field>
              <Field label={t("combine")} pointer="/judging/combine">
                <Select value={judging.combine ?? "mean"} onChange={(event) => form.set("/judging/combine", event.target.value)}><option value="mean">{t("mean")}</option><option value="median">{t("median")}</option></Select>
              </Field>
            </div>
            {models.rows.length > 1 && (
              <fieldset data-pointer="/judging/panel" className="grid gap-1">
                <legend className="text-sm font-medium">{t("panel")}</legend>
                <div className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
                  {models.rows.filter((one) => one.id !== judge).map((one) => (
                    <label key={one.id} className="flex min-h-6 items-center gap-1.5"><Checkbox checked={panel.includes(one.id)} onChange={(event) => form.set("/judging/panel", event.target.checked ? [...panel, one.id] : panel.filter((id) => id !== one.id))} />{one.name}</label>
                  ))}
                </div>
              </fieldset>
            )}
            <label className="flex items-center gap-2 text-sm"><Checkbox checked={judging.reuse ?? true} onChange={(event) => form.set("/judging/reuse", event.target.checked ? undefined : false)} />{t("reuse")}</label>
          </>
        )}
      </Section>
      {!form.value.dataset_id && (
        <Section title={t("personas")}>
          <Field label={t("personaModel")} pointer="/persona_model_id" hint={t("personaModelHint")} className="max-w-md">
            <Select value={form.value.persona_model_id ?? ""} onChange={(event) => form.set("/persona_model_id", event.target.value || undefined)}><option value="">{t("none")}</option>{options}</Select>
          </Field>
        </Section>
      )}
    </>
  );
}
