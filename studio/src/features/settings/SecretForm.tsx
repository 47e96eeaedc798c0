import { useText } from "@/i18n";
import { textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { keyTexts } from "./i18n-keys";
import { type Secret, secretKind, type SecretSpec } from "./secret";
import { useBoth } from "@/i18n";

/** The fields of a secret. The value is only ever written. */
export function SecretForm({ form, hasValue }: { form: ResourceForm<Secret, SecretSpec>; hasValue: boolean }) {
  const t = useText(keyTexts);
  const both = useBoth();
  return (
    <Section title={both(secretKind.title)}>
      <Field label={t("secretName")} pointer="/name" required hint={t("secretNameHint")}><Input className="font-mono text-xs" spellCheck={false} {...textAt(form, "/name")} /></Field>
      <Field label={t("description")} pointer="/description"><Input {...textAt(form, "/description", "absent")} /></Field>
      <Field label={t("secretHosts")} pointer="/hosts" required hint={t("secretHostsHint")}>
        <Textarea
          rows={3} spellCheck={false} className="font-mono text-xs"
          // Lines are kept as they are typed; what is empty is taken out when it is left.
          value={form.value.hosts.join("\n")}
          onChange={(event) => form.set("/hosts", event.target.value === "" ? [] : event.target.value.split("\n"))}
          onBlur={() => { const hosts = form.value.hosts.map((host) => host.trim()).filter(Boolean); if (hosts.length !== form.value.hosts.length) form.set("/hosts", hosts); }}
        />
      </Field>
      <Field label={t("value")} pointer="/value" required={!hasValue} hint={hasValue ? t("valueKept") : t("valueHint")}>
        <Input type="password" autoComplete="off" {...textAt(form, "/value", "absent")} />
      </Field>
    </Section>
  );
}
