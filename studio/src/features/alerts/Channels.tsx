import { Plus, X } from "lucide-react";
import { useText } from "@/i18n";
import { textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { HeadersField } from "@/resource/HeadersField";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { alertTexts } from "./i18n";
import type { Alert, AlertSpec } from "./kind";

type Channel = AlertSpec["channels"][number];

const TYPES = ["webhook", "slack", "email"] as const;
const SERVICES = ["resend", "sendgrid", "postmark", "mailgun"] as const;
/** Where each service takes letters. */
const SERVICE_URLS: Record<(typeof SERVICES)[number], string> = {
  resend: "https://api.resend.com/emails", sendgrid: "https://api.sendgrid.com/v3/mail/send", postmark: "https://api.postmarkapp.com/email", mailgun: "https://api.mailgun.net/v3/<domain>/messages",
};

const fresh = (type: string): Channel =>
  (type === "email" ? { type, service: "resend", url: SERVICE_URLS.resend, from: "", to: [] } : { type, url: "" }) as Channel;

/** Who is told, each by its own channel. */
export function Channels({ form }: { form: ResourceForm<Alert, AlertSpec> }) {
  const t = useText(alertTexts);
  const { channels } = form.value;
  return (
    <div className="grid gap-3">
      {channels.map((channel, at) => {
        const pointer = `/channels/${at}`;
        return (
          <fieldset key={at} className="grid gap-3 rounded-md border border-line bg-raised p-3">
            <legend className="sr-only">{t("channel", { n: at + 1 })}</legend>
            <div className="flex items-end gap-3">
              <Field label={t("type")} pointer={`${pointer}/type`} className="w-40">
                <Select value={channel.type} onChange={(event) => form.set(pointer, fresh(event.target.value))}>{TYPES.map((one) => <option key={one} value={one}>{t(one)}</option>)}</Select>
              </Field>
              {channel.type === "email" && (
                <Field label={t("service")} pointer={`${pointer}/service`} className="w-40">
                  <Select value={channel.service} onChange={(event) => form.set(pointer, { ...channel, service: event.target.value, url: SERVICE_URLS[event.target.value as "resend"] })}>{SERVICES.map((one) => <option key={one} value={one}>{one}</option>)}</Select>
                </Field>
              )}
              <span className="flex-1" />
              {channels.length > 1 && <Button variant="ghost" size="icon-sm" aria-label={t("removeChannel", { n: at + 1 })} onClick={() => form.set("/channels", channels.filter((_, place) => place !== at))}><X aria-hidden /></Button>}
            </div>
            <Field label={t("url")} pointer={`${pointer}/url`} required hint={channel.type === "slack" ? t("slackHint", { braces: "{{ secrets.slack }}" }) : undefined}>
              <Input className="font-mono text-xs" inputMode="url" spellCheck={false} {...textAt(form, `${pointer}/url`)} />
            </Field>
            {channel.type === "email" && (
              <div className="grid gap-3 sm:grid-cols-2">
                <Field label={t("from")} pointer={`${pointer}/from`} required><Input {...textAt(form, `${pointer}/from`)} /></Field>
                <Field label={t("to")} pointer={`${pointer}/to`} required hint={t("toHint")}><Addresses value={channel.to} onChange={(to) => form.set(`${pointer}/to`, to)} /></Field>
              </div>
            )}
            {channel.type === "webhook" && <Field label={t("signing")} pointer={`${pointer}/signing_secret`} hint={t("signingHint")}><Input spellCheck={false} className="sm:w-72" {...textAt(form, `${pointer}/signing_secret`, "absent")} /></Field>}
            {channel.type !== "slack" && <HeadersField form={form} pointer={`${pointer}/headers`} label={t("headers")} hint={t("headersHint", { braces: "{{ secrets.name }}" })} />}
          </fieldset>
        );
      })}
      <div><Button size="sm" onClick={() => form.set("/channels", [...channels, fresh("webhook")])}><Plus aria-hidden />{t("addChannel")}</Button></div>
    </div>
  );
}

/** Addresses as one line; kept as typed until the field is left. */
function Addresses({ value, onChange, ...control }: { value: readonly string[]; onChange(value: string[]): void; id?: string }) {
  return <Input {...control} key={value.join()} defaultValue={value.join(", ")} onBlur={(event) => onChange(event.target.value.split(",").map((one) => one.trim()).filter(Boolean))} />;
}
