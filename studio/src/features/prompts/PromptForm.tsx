import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useText } from "@/i18n";
import { JsonField, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Button } from "@/ui/button";
import { CodeEditor } from "@/ui/code-editor";
import { Field, useFieldError } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { promptTexts } from "./i18n";
import { converted, type Entry, isPlaceholder, type Prompt, type PromptSpec, variablesOf } from "./kind";

type Form = ResourceForm<Prompt, PromptSpec>;

const ROLES = ["system", "user", "assistant"] as const;

/** The fields of a prompt. */
export function PromptForm({ form, isNew }: { form: Form; isNew: boolean }) {
  const t = useText(promptTexts);
  const { prompt } = form.value;
  const variables = variablesOf(prompt);
  const type = typeof prompt === "string" ? "text" : "chat";
  return (
    <>
      <Section
        title={t("contents")}
        actions={(
          <Select aria-label={t("type")} className="w-32" value={type} onChange={(event) => form.set("/prompt", converted(prompt, event.target.value as "text" | "chat"))}>
            <option value="text">{t("text")}</option>
            <option value="chat">{t("chat")}</option>
          </Select>
        )}
      >
        {isNew && <Field label={t("name")} pointer="/name" required hint={t("nameHint")}><Input autoFocus {...textAt(form, "/name")} /></Field>}
        {typeof prompt === "string"
          ? <Field label={t("prompt")} pointer="/prompt" required><CodeEditor language="markdown" label={t("prompt")} value={prompt} onChange={(text) => form.set("/prompt", text)} /></Field>
          : <Messages form={form} entries={prompt} />}
        <p className="text-xs text-muted">{variables.length > 0 ? t("braces", { names: variables.join(", ") }) : `${t("none")} ${t("variablesHint")}`}</p>
        <Field label={t("commit")} pointer="/commit_message" hint={t("commitHint")}><Input {...textAt(form, "/commit_message", "absent")} /></Field>
      </Section>
      <Section title={t("about")}>
        {!isNew && <Field label={t("name")} pointer="/name" required hint={t("nameHint")}><Input {...textAt(form, "/name")} /></Field>}
        <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
        <Field label={t("tags")} pointer="/tags" hint={t("tagsHint")}>
          <Input defaultValue={form.value.tags?.join(", ") ?? ""} onChange={(event) => form.set("/tags", event.target.value.split(",").map((tag) => tag.trim()).filter(Boolean))} />
        </Field>
        <JsonField form={form} pointer="/config" label={t("config")} hint={t("configHint")} />
      </Section>
    </>
  );
}

function Messages({ form, entries }: { form: Form; entries: readonly Entry[] }) {
  const t = useText(promptTexts);
  const wrong = useFieldError("/prompt");
  const put = (next: readonly Entry[]) => form.set("/prompt", next);
  const swap = (a: number, b: number) => put(entries.map((entry, index) => (index === a ? entries[b] ?? entry : index === b ? entries[a] ?? entry : entry)));
  return (
    <div className="grid gap-3" data-pointer="/prompt">
      {entries.map((entry, index) => {
        const n = index + 1;
        const at = `/prompt/${index}`;
        return (
          <div key={index} role="group" aria-label={t("message", { n })} className="grid gap-2 rounded-md border border-line p-3">
            <div className="flex items-center gap-2">
              {isPlaceholder(entry)
                ? <span className="text-sm font-medium">{t("place")}</span>
                : <Role value={entry.role} label={`${t("role")} ${n}`} onChange={(role) => form.set(`${at}/role`, role)} />}
              <span className="ml-auto" />
              <Button variant="ghost" size="icon-sm" aria-label={t("up", { n })} disabled={index === 0} onClick={() => swap(index, index - 1)}><ArrowUp aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" aria-label={t("down", { n })} disabled={index === entries.length - 1} onClick={() => swap(index, index + 1)}><ArrowDown aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" aria-label={t("remove", { n })} onClick={() => put(entries.filter((_, other) => other !== index))}><X aria-hidden /></Button>
            </div>
            {isPlaceholder(entry)
              ? <Input aria-label={`${t("placeName")} ${n}`} placeholder={t("placeName")} {...textAt(form, `${at}/name`)} />
              : <Textarea aria-label={t("message", { n })} rows={3} className="font-mono text-xs leading-5" {...textAt(form, `${at}/content`)} />}
          </div>
        );
      })}
      {wrong && <p role="alert" className="text-xs font-medium text-bad">{wrong}</p>}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => put([...entries, { role: entries.length === 0 ? "system" : "user", content: "" }])}><Plus aria-hidden />{t("addMessage")}</Button>
        <Button size="sm" variant="ghost" onClick={() => put([...entries, { type: "placeholder", name: "history" }])}><Plus aria-hidden />{t("addPlace")}</Button>
      </div>
    </div>
  );
}

function Role({ value, label, onChange }: { value: string; label: string; onChange(role: string): void }) {
  const t = useText(promptTexts);
  const usual = ROLES.some((role) => role === value);
  return (
    <>
      <Select aria-label={label} className="w-40" value={usual ? value : "other"} onChange={(event) => onChange(event.target.value === "other" ? "" : event.target.value)}>
        {ROLES.map((role) => <option key={role} value={role}>{t(role)}</option>)}
        <option value="other">{t("otherRole")}</option>
      </Select>
      {!usual && <Input aria-label={`${label}: ${t("otherRole")}`} className="w-40" value={value} onChange={(event) => onChange(event.target.value)} />}
    </>
  );
}
