import { useState } from "react";
import { useText } from "@/i18n";
import { textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { secretTexts } from "./i18n";
import { hostsIn, type Secret, type SecretSpec } from "./kind";

/** The fields of a secret; its value is written and never read. */
export function SecretForm({ form, hasValue }: { form: ResourceForm<Secret, SecretSpec>; hasValue: boolean }) {
  const t = useText(secretTexts);
  // As typed: a host in the making is none yet.
  const [typed, setTyped] = useState<string | null>(null);
  const hosts = form.value.hosts.join("\n");
  const goes = form.value.value === null;
  return (
    <Section title={t("secret")}>
      <Field label={t("name")} pointer="/name" required hint={t("nameHint", { use: `{{ secrets.${form.value.name || "name"} }}` })}>
        <Input className="font-mono text-xs" spellCheck={false} {...textAt(form, "/name")} />
      </Field>
      <Field label={t("hosts")} pointer="/hosts" required hint={t("hostsHint")}>
        <Textarea
          rows={2} spellCheck={false} className="font-mono text-xs leading-5" placeholder="api.example.com"
          value={typed !== null && hostsIn(typed).join("\n") === hosts ? typed : hosts}
          onChange={(event) => { setTyped(event.target.value); form.set("/hosts", hostsIn(event.target.value)); }}
        />
      </Field>
      <div className="grid gap-1">
        <Field label={t("value")} pointer="/value" required={!hasValue} hint={goes ? t("valueGoes") : hasValue ? t("valueKept") : t("valueHint")}>
          <Input type="password" autoComplete="off" disabled={goes} {...textAt(form, "/value", "absent")} />
        </Field>
        {hasValue && <div><Button variant="ghost" size="sm" onClick={() => form.set("/value", goes ? undefined : null)}>{goes ? t("keepValue") : t("removeValue")}</Button></div>}
      </div>
      <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description", "absent")} /></Field>
    </Section>
  );
}
