import { useText } from "@/i18n";
import { JsonField, numberAt, textAt, tickAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { HeadersField } from "@/resource/HeadersField";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { agentTexts } from "./i18n";
import { type Agent, type AgentSpec, PROTOCOLS } from "./kind";
import { Servers } from "./Servers";
import { Tools } from "./Tools";
import { toolTexts } from "./tools-i18n";

type Form = ResourceForm<Agent, AgentSpec>;

/** The fields of an agent; which ones there are depends on its protocol. */
export function AgentForm({ form, hasCredential }: { form: Form; hasCredential: boolean }) {
  const t = useText(agentTexts);
  const tools = useText(toolTexts);
  const { kind } = form.value;
  const auth = form.value.auth?.type ?? "none";
  return (
    <>
      <Section title={t("connection")}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
          <Field label={t("protocol")} pointer="/kind" required>
            <Select value={kind} onChange={(event) => form.set("/kind", event.target.value)}>
              {Object.entries(PROTOCOLS).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
            </Select>
          </Field>
        </div>
        <Field label={t("url")} pointer="/url" required hint={t("urlHint")}><Input className="font-mono text-xs" inputMode="url" spellCheck={false} {...textAt(form, "/url")} /></Field>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={t("auth")} pointer="/auth/type">
            <Select value={auth} onChange={(event) => form.set("/auth", event.target.value === "header" ? { type: "header", name: "x-api-key" } : { type: event.target.value })}>
              <option value="none">{t("authNone")}</option>
              <option value="bearer">{t("authBearer")}</option>
              <option value="header">{t("authHeader")}</option>
            </Select>
          </Field>
          {auth === "header" && <Field label={t("header")} pointer="/auth/name" required><Input spellCheck={false} {...textAt(form, "/auth/name")} /></Field>}
          {auth !== "none" && (
            <Field label={t("credential")} pointer="/credential" hint={hasCredential ? t("credentialKept") : t("credentialHint")}>
              <Input type="password" autoComplete="off" {...textAt(form, "/credential", "absent")} />
            </Field>
          )}
        </div>
        {kind === "http" && <HttpFields form={form} />}
        {kind === "a2a" && (
          <Field label={tools("version")} pointer="/a2a_version" className="max-w-48">
            <Select value={form.text("/a2a_version") || "0.3"} onChange={(event) => form.set("/a2a_version", event.target.value === "0.3" ? undefined : event.target.value)}>
              <option>0.3</option>
              <option>1.0</option>
            </Select>
          </Field>
        )}
      </Section>
      <Section title={t("behaviour")}>
        <Field label={t("description")} pointer="/description"><Textarea rows={2} {...textAt(form, "/description")} /></Field>
        {kind !== "http" && kind !== "a2a" && <>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("model")} pointer="/model" required={kind === "anthropic_messages"}><Input spellCheck={false} {...textAt(form, "/model", "null")} /></Field>
            {kind !== "openai_chat" && <Field label={t("maxTokens")} pointer="/max_tokens"><Input min={1} {...numberAt(form, "/max_tokens")} /></Field>}
          </div>
        </>}
        {kind !== "a2a" && <Field label={t("systemPrompt")} pointer="/system_prompt"><Textarea rows={4} {...textAt(form, "/system_prompt", "null")} /></Field>}
      </Section>
      <Tools form={form} />
      <Servers form={form} />
      <Section title={t("more")}>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={t("timeout")} pointer="/timeout_ms"><Input min={0.1} step="any" placeholder="60" {...numberAt(form, "/timeout_ms", 1000)} /></Field>
          <Price form={form} />
        </div>
        <label className="flex items-center gap-2 text-sm">
          <Checkbox {...tickAt(form, "/stream")} />{t("stream")}
        </label>
        <HeadersField form={form} pointer="/headers" label={t("headers")} hint={t("headersHint")} />
      </Section>
    </>
  );
}

function HttpFields({ form }: { form: Form }) {
  const t = useText(agentTexts);
  return (
    <>
      <JsonField form={form} pointer="/body_template" label={t("body")} hint={t("bodyHint")} />
      <Field label={t("pointer")} pointer="/response_pointer" hint={t("pointerHint")}>
        <Input className="font-mono text-xs" placeholder="/reply" spellCheck={false} {...textAt(form, "/response_pointer", "null")} />
      </Field>
    </>
  );
}

/** Both prices or none: that is how the API has them. */
function Price({ form }: { form: Form }) {
  const t = useText(agentTexts);
  const set = (name: "input_per_million" | "output_per_million", typed: string) => {
    const next = { input_per_million: 0, output_per_million: 0, ...form.value.price, [name]: Number(typed) };
    form.set("/price", typed === "" && !next.input_per_million && !next.output_per_million ? null : next);
  };
  return (["input_per_million", "output_per_million"] as const).map((name) => (
    <Field key={name} pointer={`/price/${name}`} label={t(name === "input_per_million" ? "input" : "output")}>
      <Input type="number" min={0} step="any" value={form.value.price?.[name] ?? ""} onChange={(event) => set(name, event.target.value)} />
    </Field>
  ));
}
