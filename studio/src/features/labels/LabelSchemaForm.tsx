import { useMemo, useState } from "react";
import { ArrowUp, Plus, X } from "lucide-react";
import { useBoth, useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { type Answered, type AskedSchema, questionsOf } from "@/features/review/answers";
import { QuestionList } from "@/features/review/QuestionList";
import { Button } from "@/ui/button";
import { Field, useFieldError } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { labelTexts } from "./i18n";
import { LABEL_KINDS, LABEL_TARGETS, type LabelSchema, type LabelSpec, withKind } from "./kind";

type Form = ResourceForm<LabelSchema, LabelSpec>;

/** The fields of a label schema, beside the question as people will see it. */
export function LabelSchemaForm({ form }: { form: Form }) {
  const t = useText(labelTexts);
  const both = useBoth();
  const { kind } = form.value;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="grid gap-4">
        <Section title={t("question")}>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("name")} pointer="/name" required hint={t("nameHint")}><Input {...textAt(form, "/name")} /></Field>
            <Field label={t("target")} pointer="/target">
              <Select value={form.value.target ?? "case"} onChange={(event) => form.set("/target", event.target.value)}>
                {Object.entries(LABEL_TARGETS).map(([value, label]) => <option key={value} value={value}>{both(label)}</option>)}
              </Select>
            </Field>
          </div>
          <Field label={t("description")} pointer="/description"><Input {...textAt(form, "/description")} /></Field>
          <Field label={t("guidelines")} pointer="/guidelines" hint={t("guidelinesHint")}><Textarea rows={4} {...textAt(form, "/guidelines")} /></Field>
          {(form.value.target ?? "case") === "case" && (
            <label className="flex items-center gap-2 text-sm">
              <Checkbox checked={form.value.required ?? true} onChange={(event) => form.set("/required", event.target.checked)} />{t("required")}
            </label>
          )}
        </Section>
        <Section title={t("answers")}>
          <Field label={t("kind")} pointer="/kind" className="max-w-64">
            <Select value={kind} onChange={(event) => form.replace(withKind(form.value, event.target.value as LabelSpec["kind"]))}>
              {Object.entries(LABEL_KINDS).map(([value, label]) => <option key={value} value={value}>{both(label)}</option>)}
            </Select>
          </Field>
          {kind === "numeric" && (
            <div className="grid gap-4 sm:grid-cols-3">
              <Field label={t("min")} pointer="/min"><Input step="any" {...numberAt(form, "/min")} /></Field>
              <Field label={t("max")} pointer="/max"><Input step="any" {...numberAt(form, "/max")} /></Field>
              <Field label={t("step")} pointer="/step" hint={t("stepHint")}><Input step="any" min={0} {...numberAt(form, "/step")} /></Field>
            </div>
          )}
          {kind === "categorical" && <Categories form={form} />}
        </Section>
      </div>
      <Preview spec={form.value} />
    </div>
  );
}

function Categories({ form }: { form: Form }) {
  const t = useText(labelTexts);
  const categories = form.value.categories ?? [];
  const error = useFieldError("/categories");
  const set = (next: LabelSpec["categories"]) => form.set("/categories", next);
  return (
    <div className="grid gap-3" data-pointer="/categories">
      <table className="w-full text-sm">
        <caption className="sr-only">{t("categories")}</caption>
        <thead>
          <tr className="text-left">
            <th scope="col" className="label pb-1 font-semibold">{t("label")}</th>
            <th scope="col" className="label pb-1 pl-2">{t("meaning")}</th>
            <th scope="col" className="label w-24 pb-1 pl-2">{t("score")}</th>
            <td className="w-16" />
          </tr>
        </thead>
        <tbody>
          {categories.map((category, index) => (
            <tr key={index}>
              <td className="py-0.5"><Input aria-label={`${t("label")} ${index + 1}`} value={category.label} onChange={(event) => form.set(`/categories/${index}/label`, event.target.value)} /></td>
              <td className="py-0.5 pl-2"><Input aria-label={`${t("meaning")} ${index + 1}`} value={category.description ?? ""} onChange={(event) => form.set(`/categories/${index}/description`, event.target.value || undefined)} /></td>
              <td className="py-0.5 pl-2"><Input aria-label={`${t("score")} ${index + 1}`} min={0} max={1} step={0.1} className="text-right" {...numberAt(form, `/categories/${index}/score`)} /></td>
              <td className="py-0.5 pl-1 whitespace-nowrap">
                <Button variant="ghost" size="icon-sm" disabled={index === 0} aria-label={t("up", { name: category.label || String(index + 1) })} onClick={() => set(categories.map((one, at) => (at === index - 1 ? category : at === index ? categories[index - 1] ?? one : one)))}><ArrowUp aria-hidden /></Button>
                <Button variant="ghost" size="icon-sm" aria-label={t("remove", { name: category.label || String(index + 1) })} onClick={() => set(categories.filter((_, at) => at !== index))}><X aria-hidden /></Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {error && <p role="alert" className="text-xs font-medium text-bad">{error}</p>}
      <p className="text-xs text-muted">{t("scoreHint")}</p>
      <div><Button size="sm" onClick={() => set([...categories, { label: "" }])}><Plus aria-hidden />{t("add")}</Button></div>
      <label className="flex items-center gap-2 text-sm">
        <Checkbox checked={form.value.ordered ?? false} onChange={(event) => form.set("/ordered", event.target.checked)} />{t("ordered")}
      </label>
    </div>
  );
}

/** The question as it will be asked; it can be tried. */
function Preview({ spec }: { spec: LabelSpec }) {
  const t = useText(labelTexts);
  const [answers, setAnswers] = useState<Record<string, Answered>>({});
  const [active, setActive] = useState(0);
  const asked = useMemo(() => {
    const schema: AskedSchema = { id: "preview", version: 1, spec: { description: "", guidelines: "", required: true, target: "case", ...spec, name: spec.name || "…" } };
    return questionsOf([schema], 1, spec.target === "observation" ? [{ id: "preview", name: "…" }] : []);
  }, [spec]);
  return (
    <Section title={t("preview")} className="lg:sticky lg:top-4">
      <QuestionList questions={asked} answers={answers} active={active} onActive={setActive} onChange={(key, answered) => setAnswers((before) => ({ ...before, [key]: answered }))} />
    </Section>
  );
}
