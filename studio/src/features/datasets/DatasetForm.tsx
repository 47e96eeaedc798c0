import { useText } from "@/i18n";
import { JsonField, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { datasetTexts } from "./i18n";
import type { Dataset, DatasetSpec } from "./kind";

/** What is said of a dataset, beside its items. */
export function DatasetForm({ form, focus }: { form: ResourceForm<Dataset, DatasetSpec>; focus?: boolean }) {
  const t = useText(datasetTexts);
  return (
    <Section title={t("settings")}>
      <Field label={t("name")} pointer="/name" required><Input autoFocus={focus} {...textAt(form, "/name")} /></Field>
      <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
      <JsonField form={form} pointer="/metadata" label={t("metadata")} hint={t("metadataHint")} />
    </Section>
  );
}
