import { useText } from "@/i18n";
import { JsonField, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { knowledgeTexts } from "./i18n";
import type { KnowledgeBase, KnowledgeBaseSpec } from "./kind";

/** What is said of a knowledge base, beside its documents. */
export function BaseForm({ form, focus }: { form: ResourceForm<KnowledgeBase, KnowledgeBaseSpec>; focus?: boolean }) {
  const t = useText(knowledgeTexts);
  return (
    <Section title={t("settings")}>
      <Field label={t("name")} pointer="/name" required><Input autoFocus={focus} {...textAt(form, "/name")} /></Field>
      <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
      <Field label={t("tags")} pointer="/tags" hint={t("tagsHint")}>
        <Input defaultValue={form.value.tags?.join(", ") ?? ""} onChange={(event) => form.set("/tags", event.target.value.split(",").map((tag) => tag.trim()).filter(Boolean))} />
      </Field>
      <JsonField form={form} pointer="/metadata" label={t("metadata")} hint={t("metadataHint")} />
    </Section>
  );
}
