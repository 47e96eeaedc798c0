import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Checkbox, Input, Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { modelTexts } from "./i18n";
import { CAPABILITIES, type Model, type ModelSpec, type Provider, PROVIDERS, withProvider } from "./kind";

type Form = ResourceForm<Model, ModelSpec>;

/** The fields of a model. */
export function ModelForm({ form, hasCredential }: { form: Form; hasCredential: boolean }) {
  const t = useText(modelTexts);
  const provider: Provider = form.value.provider ?? "openai_compatible";
  const hint = { openai_compatible: t("urlOpenai"), openai: t("urlOpenai"), azure_openai: t("urlAzure"), anthropic: t("urlAnthropic"), gemini: t("urlGemini") }[provider];
  const goes = form.value.api_key === null;
  return (
    <>
      <Section title={t("connection")}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("name")} pointer="/name" required><Input {...textAt(form, "/name")} /></Field>
          <Field label={t("provider")} pointer="/provider" required>
            <Select value={provider} onChange={(event) => form.replace(withProvider(form.value, event.target.value as Provider))}>
              {Object.entries(PROVIDERS).map(([value, { label }]) => <option key={value} value={value}>{label}</option>)}
            </Select>
          </Field>
        </div>
        <Field label={t("baseUrl")} pointer="/base_url" required hint={hint}>
          <Input className="font-mono text-xs" inputMode="url" spellCheck={false} placeholder={PROVIDERS[provider].url || "https://host/v1"} {...textAt(form, "/base_url")} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("modelId")} pointer="/model" required><Input spellCheck={false} placeholder={PROVIDERS[provider].model} {...textAt(form, "/model")} /></Field>
          <div className="grid content-start gap-1">
            <Field label={t("apiKey")} pointer="/api_key" hint={goes ? t("keyGoes") : hasCredential ? t("keyKept") : t("keyHint")}>
              <Input type="password" autoComplete="off" disabled={goes} {...textAt(form, "/api_key", "absent")} />
            </Field>
            {hasCredential && (
              <div><Button variant="ghost" size="sm" onClick={() => form.set("/api_key", goes ? undefined : null)}>{goes ? t("keepKey") : t("removeKey")}</Button></div>
            )}
          </div>
        </div>
      </Section>
      <Section title={t("asking")}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("temperature")} pointer="/temperature" hint={t("temperatureHint")}><Input min={0} max={2} step="any" placeholder="0" {...numberAt(form, "/temperature")} /></Field>
          <Field label={t("maxTokens")} pointer="/max_tokens" hint={t("maxTokensHint")}><Input min={1} placeholder="1024" {...numberAt(form, "/max_tokens")} /></Field>
        </div>
        <fieldset className="grid gap-2" data-pointer="/capabilities">
          <legend className="mb-1 text-sm font-medium">{t("capabilities")}</legend>
          <div className="flex flex-wrap gap-x-6 gap-y-2">
            {CAPABILITIES.map((name) => (
              <label key={name} className="flex items-center gap-2 text-sm">
                <Checkbox checked={form.get(`/capabilities/${name}`) !== false} onChange={(event) => form.set(`/capabilities/${name}`, event.target.checked)} />{t(name)}
              </label>
            ))}
          </div>
          <p className="text-xs text-muted">{t("capabilitiesHint")}</p>
        </fieldset>
      </Section>
      <Section title={t("limits")}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("timeout")} pointer="/timeout_ms"><Input min={0.1} step="any" placeholder="60" {...numberAt(form, "/timeout_ms", 1000)} /></Field>
          <Field label={t("concurrency")} pointer="/concurrency"><Input min={1} placeholder="64" {...numberAt(form, "/concurrency")} /></Field>
          <Field label={t("perMinute")} pointer="/pace/per_minute" hint={t("perMinuteHint")}>
            <Input {...numberAt(form, "/pace/per_minute")} min={1} onChange={({ target: { value } }) => form.set("/pace", value === "" ? null : { ...form.value.pace, per_minute: Number(value) })} />
          </Field>
          {form.value.pace && <Field label={t("burst")} pointer="/pace/burst"><Input min={1} placeholder="1" {...numberAt(form, "/pace/burst")} /></Field>}
        </div>
        <div className="grid gap-4 sm:grid-cols-2"><Price form={form} /></div>
        <p className="-mt-2 text-xs text-muted">{t("priceHint")}</p>
      </Section>
    </>
  );
}

/** Both prices or none: that is how the API has them. */
function Price({ form }: { form: Form }) {
  const t = useText(modelTexts);
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
