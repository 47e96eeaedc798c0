import { Plus, UserRound, X } from "lucide-react";
import { useText } from "@/i18n";
import { useResources } from "@/resource/data";
import { JsonField, numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { specOf } from "@/resource/kind";
import { LinesField } from "@/resource/LinesField";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { type Persona, personaKind } from "@/features/personas/kind";
import { scenarioTexts } from "./i18n";
import { courseOf, type Scenario, type ScenarioSpec } from "./kind";
import { MetricList } from "./MetricFields";

type Form = ResourceForm<Scenario, ScenarioSpec>;

/** All of a scenario but its course: the case, the user, the end, what is expected. */
export function SituationForm({ form }: { form: Form }) {
  const t = useText(scenarioTexts);
  const course = courseOf(form.value);
  return (
    <div className="grid max-w-4xl gap-4">
      <Section title={t("situation")}>
        <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
        {course !== "persona" && <>
          <Field label={t("situation")} pointer="/situation" hint={t("situationHint")}><Textarea rows={3} {...textAt(form, "/situation", "absent")} /></Field>
          <Field label={t("goal")} pointer="/goal" hint={t("goalHint")}><Textarea rows={2} {...textAt(form, "/goal", "absent")} /></Field>
        </>}
        <LinesField form={form} pointer="/tags" label={t("tags")} hint={t("tagsHint")} />
      </Section>
      {course !== "script" && <Who form={form} />}
      <Section title={t("ending")}>
        <div className="grid gap-4 sm:grid-cols-2">
          <LinesField form={form} pointer="/stop_phrases" label={t("stopPhrases")} hint={t("perLine")} />
          <LinesField form={form} pointer="/end_phrases" label={t("endPhrases")} hint={t("perLine")} />
        </div>
        <Field label={t("outcome")} pointer="/expected_outcome" hint={t("outcomeHint")}><Textarea rows={2} {...textAt(form, "/expected_outcome", "absent")} /></Field>
        <Field label={t("maxTurns")} pointer="/max_turns" className="max-w-40"><Input min={1} max={100} {...numberAt(form, "/max_turns")} /></Field>
      </Section>
      {course === "graph" && <Scoring form={form} />}
      <Section title={t("advanced")}>
        <JsonField form={form} pointer="/environment" label={t("environment")} hint={t("environmentHint")} />
        <JsonField form={form} pointer="/goal_state" label={t("goalState")} hint={t("goalStateHint")} />
      </Section>
    </div>
  );
}

/** What is expected of the agent. A script that expects nothing can be run by campaigns with metrics alone. */
export function Scoring({ form }: { form: Form }) {
  const t = useText(scenarioTexts);
  return (
    <Section title={t("scoring")}>
      <Field label={t("expectedOutput")} pointer="/expected_output"><Textarea rows={2} {...textAt(form, "/expected_output", "absent")} /></Field>
      <div className="grid gap-2"><h3 className="text-sm font-medium">{t("metrics")}</h3><MetricList form={form} pointer="/metrics" hint={t("metricsHint")} /></div>
    </Section>
  );
}

/** Who the user is: a persona of its own, or one copied from the library. */
function Who({ form }: { form: Form }) {
  const t = useText(scenarioTexts);
  const library = useResources<Persona>(personaKind, { sort: "name" });
  const { persona } = form.value;
  const take = (id: string) => {
    const found = library.rows.find((one) => one.id === id);
    if (found) form.set("/persona", specOf(personaKind, found));
  };
  return (
    <Section title={t("who")}>
      <Field label={t("playedBy")} pointer="/played_by" className="max-w-md">
        <Select value={form.value.played_by ?? "model"} onChange={(event) => form.set("/played_by", event.target.value === "model" ? undefined : event.target.value)}>
          <option value="model">{t("byModel")}</option><option value="person">{t("byPerson")}</option>
        </Select>
      </Field>
      {library.rows.length > 0 && (
        <Field label={t("takePersona")} className="max-w-md">
          <Combobox value={null} options={library.rows.map((one) => ({ value: one.id, label: one.name, hint: one.description }))} onChange={take} />
        </Field>
      )}
      {persona ? <>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("personaName")} pointer="/persona/name" required><Input {...textAt(form, "/persona/name")} /></Field>
          <Field label={t("language")} pointer="/persona/language"><Input placeholder="en" {...textAt(form, "/persona/language", "absent")} /></Field>
          <Field label={t("mood")} pointer="/persona/mood"><Input {...textAt(form, "/persona/mood", "absent")} /></Field>
          <Field label={t("patience")} pointer="/persona/patience" hint={t("patienceHint")}><Input min={1} max={10} {...numberAt(form, "/persona/patience")} /></Field>
        </div>
        <Field label={t("personaDescription")} pointer="/persona/description"><Textarea rows={2} {...textAt(form, "/persona/description", "absent")} /></Field>
        <LinesField form={form} pointer="/persona/traits" label={t("traits")} hint={t("traitsHint")} />
        <div><Button size="sm" onClick={() => form.set("/persona", undefined)}><X aria-hidden />{t("removePersona")}</Button></div>
      </> : (
        <div className="flex items-center gap-3 text-sm text-muted">
          <UserRound aria-hidden className="size-4" />{t("noPersona")}
          <Button size="sm" onClick={() => form.set("/persona", { name: "", patience: 5 })}><Plus aria-hidden />{t("addPersona")}</Button>
        </div>
      )}
    </Section>
  );
}
