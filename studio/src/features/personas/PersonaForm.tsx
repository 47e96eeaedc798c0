import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useBoth, useText } from "@/i18n";
import { useResources } from "@/resource/data";
import { textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import type { ResourceItem, ResourceKind } from "@/resource/kind";
import { LinesField } from "@/resource/LinesField";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { personaTexts } from "./i18n";
import { DISCLOSURES, type Persona, type PersonaSpec, STRATEGIES } from "./kind";

type Form = ResourceForm<Persona, PersonaSpec>;
type Fact = Schemas["Fact"];

const modelKind = { kind: "models", path: "/models" } as ResourceKind<ResourceItem>;

/** The fields of a persona, in the order in which one describes a person. */
export function PersonaForm({ form }: { form: Form }) {
  const t = useText(personaTexts);
  return (
    <>
      <Section title={t("who")}>
        <Field label={t("name")} pointer="/name" hint={t("nameHint")} required><Input {...textAt(form, "/name")} /></Field>
        <Field label={t("description")} pointer="/description" hint={t("descriptionHint")}><Textarea rows={3} {...textAt(form, "/description")} /></Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <LinesField form={form} pointer="/traits" label={t("traits")} hint={t("traitsHint")} />
          <Field label={t("mood")} pointer="/mood" hint={t("moodHint")}><Input {...textAt(form, "/mood", "absent")} /></Field>
        </div>
      </Section>
      <Section title={t("speech")}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("language")} pointer="/language" hint={t("languageHint")}><Input {...textAt(form, "/language")} /></Field>
          <Field label={t("tone")} pointer="/tone" hint={t("toneHint")}><Input {...textAt(form, "/tone")} /></Field>
        </div>
        <Field label={t("style")} pointer="/style" hint={t("styleHint")}><Textarea rows={2} {...textAt(form, "/style", "absent")} /></Field>
      </Section>
      <Section title={t("wants")}>
        <LinesField form={form} pointer="/goals" label={t("goals")} hint={t("goalsHint")} />
        <Field label={t("knowledge")} pointer="/knowledge" hint={t("knowledgeHint")}><Textarea rows={3} {...textAt(form, "/knowledge")} /></Field>
      </Section>
      <Facts form={form} />
      <Conduct form={form} />
    </>
  );
}

/** Facts in the order in which they are told. */
function Facts({ form }: { form: Form }) {
  const t = useText(personaTexts);
  const both = useBoth();
  const facts = (form.value.disclosure ?? []) as Fact[];
  const put = (next: Fact[]) => form.set("/disclosure", next.length > 0 ? next : undefined);
  const move = (from: number, by: 1 | -1) => {
    const next = [...facts];
    const [fact] = next.splice(from, 1);
    if (fact) next.splice(from + by, 0, fact);
    put(next);
  };
  return (
    <Section title={t("disclosure")}>
      <p className="text-xs text-muted">{t("disclosureHint")}</p>
      {facts.length === 0 && <p className="text-sm text-muted">{t("noFacts")}</p>}
      <ol className="grid gap-3">
        {facts.map((fact, index) => (
          <li key={index} className="grid items-start gap-2 sm:grid-cols-[minmax(0,1fr)_10rem_auto]">
            <Field label={t("fact", { n: index + 1 })} pointer={`/disclosure/${index}/text`}><Input value={fact.text} onChange={(event) => put(facts.with(index, { ...fact, text: event.target.value }))} /></Field>
            <Field label={t("when")} pointer={`/disclosure/${index}/when`}>
              <Select value={fact.when ?? "when_asked"} onChange={(event) => put(facts.with(index, { ...fact, when: event.target.value as Fact["when"] }))}>
                {Object.entries(DISCLOSURES).map(([value, label]) => <option key={value} value={value}>{both(label)}</option>)}
              </Select>
            </Field>
            <span className="flex sm:pt-6">
              <Button variant="ghost" size="icon-sm" disabled={index === 0} aria-label={t("up", { n: index + 1 })} onClick={() => move(index, -1)}><ArrowUp aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" disabled={index === facts.length - 1} aria-label={t("down", { n: index + 1 })} onClick={() => move(index, 1)}><ArrowDown aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" aria-label={t("removeFact", { n: index + 1 })} onClick={() => put(facts.filter((_, at) => at !== index))}><X aria-hidden /></Button>
            </span>
          </li>
        ))}
      </ol>
      <div><Button size="sm" onClick={() => put([...facts, { text: "", when: "when_asked" }])}><Plus aria-hidden />{t("addFact")}</Button></div>
    </Section>
  );
}

function Conduct({ form }: { form: Form }) {
  const t = useText(personaTexts);
  const both = useBoth();
  const models = useResources(modelKind, { sort: "name" });
  const patience = form.value.patience ?? 5;
  const strategy = form.value.strategy ?? "plain";
  return (
    <Section title={t("conduct")}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={<>{t("patience")} <span className="font-normal text-muted">{patience >= 10 ? t("never") : patience <= 1 ? t("atOnce") : t("after", { n: patience })}</span></>} pointer="/patience" hint={t("patienceHint")}>
          <input type="range" min={1} max={10} className="w-full accent-accent" value={patience} onChange={(event) => form.set("/patience", Number(event.target.value))} />
        </Field>
        <Field label={t("strategy")} pointer="/strategy" hint={both(STRATEGIES[strategy].text)}>
          <Select value={strategy} onChange={(event) => form.set("/strategy", event.target.value === "plain" ? undefined : event.target.value)}>
            {Object.entries(STRATEGIES).map(([value, { title }]) => <option key={value} value={value}>{both(title)}</option>)}
          </Select>
        </Field>
        <Field label={t("model")} pointer="/model" hint={t("modelHint")}>
          <Combobox
            value={form.value.model ?? ""}
            options={[{ value: "", label: t("noModel") }, ...models.rows.map((model) => ({ value: model.id, label: model.name }))]}
            onChange={(id) => form.set("/model", id || undefined)}
          />
        </Field>
        <LinesField form={form} pointer="/tags" label={t("tags")} hint={t("tagsHint")} />
      </div>
    </Section>
  );
}
