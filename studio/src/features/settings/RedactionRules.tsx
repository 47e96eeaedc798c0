import { ArrowUp, Plus, Sparkles, X } from "lucide-react";
import type { Schemas, Written } from "@/api/client";
import { useText } from "@/i18n";
import type { Draft } from "@/resource/draft";
import { textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Field, useFieldError } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { dataTexts } from "./i18n-data";
import { CLASSES, COMMON, FIELDS, nameFor, ruleOf } from "./redaction";

export type Rule = Written<Schemas["RuleInput"], "kind" | "name">;
export interface PolicyForm {
  retention_days?: number | null;
  sampling_rate?: number;
  redaction: { rules: Rule[] };
}

/** The rules of redaction, in order. */
export function RedactionRules({ draft, may }: { draft: Draft<PolicyForm>; may: boolean }) {
  const t = useText(dataTexts);
  const { rules } = draft.value.redaction;
  const error = useFieldError("/redaction/rules");
  const set = (next: Rule[]) => draft.set("/redaction/rules", next);
  const missing = COMMON.filter((one) => !rules.some((rule) => rule.kind.type === "class" && rule.kind.class === one));
  return (
    <>
      {rules.length === 0 && <p className="text-sm">{t("noRules")}</p>}
      <ol className="grid gap-3">
        {rules.map((rule, index) => <li key={index}><OneRule draft={draft} rule={rule} index={index} onRemove={() => set(rules.filter((_, at) => at !== index))} onUp={() => set(rules.map((one, at) => (at === index - 1 ? rule : at === index ? rules[index - 1] ?? one : one)))} /></li>)}
      </ol>
      {error && rules.length === 0 && <p role="alert" className="text-xs text-bad">{error}</p>}
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={() => set([...rules, ruleOf("email", rules)])}><Plus aria-hidden />{t("addRule")}</Button>
          {missing.length > 0 && <Button size="sm" onClick={() => set(missing.reduce<Rule[]>((all, one) => [...all, ruleOf(one, all)], rules))}><Sparkles aria-hidden />{t("common")}</Button>}
        </div>
      )}
    </>
  );
}

function OneRule({ draft, rule, index, onRemove, onUp }: { draft: Draft<PolicyForm>; rule: Rule; index: number; onRemove(): void; onUp(): void }) {
  const t = useText(dataTexts);
  const at = `/redaction/rules/${index}`;
  const { kind } = rule;
  const finds = kind.type === "class" ? kind.class : kind.type;
  const fields = rule.fields ?? [];
  const find = (next: string) => {
    const changed = next === "pattern" ? { type: "pattern" as const, pattern: "" } : next === "pointer" ? { type: "pointer" as const, pointer: "" } : { type: "class" as const, class: next as Schemas["Class"] };
    // A name that was made of what it finds follows it.
    const own = kind.type === "class" && rule.name.replace(/-\d+$/, "") === nameFor(kind.class);
    draft.set(at, { ...rule, kind: changed, ...(own && changed.type === "class" && { name: nameFor(changed.class) }) });
  };
  return (
    <fieldset className="grid gap-3 rounded-md border border-line p-3">
      <legend className="sr-only">{rule.name}</legend>
      <div className="grid items-start gap-3 sm:grid-cols-[1.3fr_1fr_1fr_auto]">
        <Field label={t("finds")} pointer={`${at}/kind/class`}>
          <Select value={finds} onChange={(event) => find(event.target.value)}>
            {CLASSES.map((one) => <option key={one} value={one}>{t(one)}</option>)}
            <option value="pattern">{t("pattern")}</option>
            <option value="pointer">{t("pointer")}</option>
          </Select>
        </Field>
        <Field label={t("action")} pointer={`${at}/action`}>
          <Select value={rule.action ?? "mask"} onChange={(event) => draft.set(`${at}/action`, event.target.value)}>
            <option value="mask">{t("mask")}</option>
            <option value="hash">{t("hash")}</option>
            <option value="remove">{t("remove_action")}</option>
          </Select>
        </Field>
        <Field label={t("ruleName")} pointer={`${at}/name`} required hint={t("ruleNameHint")}><Input {...textAt(draft, `${at}/name`)} /></Field>
        <span className="flex pt-6">
          <Button variant="ghost" size="icon-sm" disabled={index === 0} aria-label={t("up", { name: rule.name })} onClick={onUp}><ArrowUp aria-hidden /></Button>
          <Button variant="ghost" size="icon-sm" aria-label={t("remove", { name: rule.name })} onClick={onRemove}><X aria-hidden /></Button>
        </span>
      </div>
      {kind.type === "pattern" && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t("regex")} pointer={`${at}/kind/pattern`} required><Input className="font-mono text-xs" spellCheck={false} placeholder="ORD-[0-9]{6}" {...textAt(draft, `${at}/kind/pattern`)} /></Field>
          {(rule.action ?? "mask") === "mask" && <Field label={t("replacement")} pointer={`${at}/kind/replacement`} hint={t("replacementHint")}><Input className="font-mono text-xs" {...textAt(draft, `${at}/kind/replacement`, "null")} /></Field>}
        </div>
      )}
      {kind.type === "pointer" && <Field label={t("place")} pointer={`${at}/kind/pointer`} required hint={t("placeHint")}><Input className="font-mono text-xs" spellCheck={false} {...textAt(draft, `${at}/kind/pointer`)} /></Field>}
      <div role="group" aria-label={t("fields")} className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm" data-pointer={`${at}/fields`}>
        <span className="label">{t("fields")}</span>
        {FIELDS.map((field) => (
          <label key={field} className="flex items-center gap-1.5">
            <Checkbox checked={fields.includes(field)} onChange={(event) => draft.set(`${at}/fields`, event.target.checked ? [...fields, field] : fields.filter((one) => one !== field))} />
            {t(field === "name" ? "name_field" : field)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
