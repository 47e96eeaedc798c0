import { useState } from "react";
import { Plus } from "lucide-react";
import { useText } from "@/i18n";
import { numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { HeadersField } from "@/resource/HeadersField";
import { LinesField } from "@/resource/LinesField";
import { useRowKeys } from "@/resource/useRowKeys";
import { Button } from "@/ui/button";
import { Field, useFieldError } from "@/ui/field";
import { Input } from "@/ui/input";
import { Section } from "@/ui/section";
import { Entry } from "./Entry";
import { type Agent, type AgentSpec, takesTools } from "./kind";
import { toolTexts } from "./tools-i18n";

type Form = ResourceForm<Agent, AgentSpec>;

/** The MCP servers whose tools a model is offered. */
export function Servers({ form }: { form: Form }) {
  const t = useText(toolTexts);
  const servers = form.value.mcp_servers ?? [];
  const error = useFieldError("/mcp_servers");
  const { keys, drop } = useRowKeys(servers.length);
  const [added, setAdded] = useState(-1);
  const allowed = takesTools(form.value.kind);
  if (servers.length === 0 && !allowed) return null;
  const remove = (index: number) => {
    drop(index);
    form.set("/mcp_servers", servers.length > 1 ? servers.filter((_, at) => at !== index) : undefined);
  };
  return (
    <Section title={t("servers")}>
      <p className="-mt-3 text-sm text-muted">{allowed ? t("serversText") : t("notForKind")}</p>
      <div className="grid gap-2" data-pointer="/mcp_servers">
        {servers.map((server, index) => (
          <Entry
            key={keys[index]} pointer={`/mcp_servers/${index}`} name={server.url || t("serverN", { n: index + 1 })} isNew={keys[index] === added}
            summary={null} removeLabel={t("removeTool", { name: server.url || t("serverN", { n: index + 1 }) })} onRemove={() => remove(index)}
          >
            <Server form={form} at={`/mcp_servers/${index}`} />
          </Entry>
        ))}
        {servers.length === 0 && <p className="text-sm text-muted">{t("noServers")}</p>}
        {error && !allowed && <p role="alert" className="text-xs font-medium text-bad">{error}</p>}
        {allowed && servers.length < 8 && (
          <div>
            <Button size="sm" onClick={() => { setAdded(Math.max(-1, ...keys) + 1); form.set("/mcp_servers", [...servers, { url: "" }]); }}>
              <Plus aria-hidden />{t("addServer")}
            </Button>
          </div>
        )}
      </div>
    </Section>
  );
}

function Server({ form, at }: { form: Form; at: string }) {
  const t = useText(toolTexts);
  return (
    <>
      <Field label={t("serverUrl")} pointer={`${at}/url`} required>
        <Input className="font-mono text-xs" inputMode="url" spellCheck={false} placeholder="https://tools.example.com/mcp" {...textAt(form, `${at}/url`)} />
      </Field>
      <HeadersField form={form} pointer={`${at}/headers`} label={t("headers")} hint={t("headersHint", { braces: "{{ secrets.name }}" })} />
      <div className="grid gap-4 sm:grid-cols-2">
        <LinesField form={form} pointer={`${at}/allowed_tools`} label={t("allowed")} hint={t("allowedHint")} />
        <Field label={t("requestTimeout")} pointer={`${at}/timeout_ms`}><Input min={0.1} max={600} step="any" placeholder="30" {...numberAt(form, `${at}/timeout_ms`, 1000)} /></Field>
      </div>
    </>
  );
}
