import { useState } from "react";
import { Plus } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { JsonField, numberAt, textAt } from "@/resource/fields";
import type { ResourceForm } from "@/resource/form";
import { HeadersField } from "@/resource/HeadersField";
import { useRowKeys } from "@/resource/useRowKeys";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Field, useFieldError } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { Section } from "@/ui/section";
import { Entry } from "./Entry";
import { type Agent, type AgentSpec, takesTools } from "./kind";
import { toolTexts } from "./tools-i18n";

type Form = ResourceForm<Agent, AgentSpec>;
type Action = Schemas["ToolActionInput"];

/** What a tool does before anything is said of it. */
const ACTIONS: Record<Action["type"], Action> = {
  mock: { type: "mock", output: "" },
  fail: { type: "fail", message: "" },
  http: { type: "http", url: "", method: "POST", timeout_ms: 30_000 },
};

/** The tools that the platform offers a model, and runs. */
export function Tools({ form }: { form: Form }) {
  const t = useText(toolTexts);
  const tools = form.value.tools ?? [];
  const error = useFieldError("/tools");
  const { keys, drop } = useRowKeys(tools.length);
  const [added, setAdded] = useState(-1);
  const allowed = takesTools(form.value.kind);
  if (tools.length === 0 && !allowed) return null;
  const remove = (index: number) => {
    drop(index);
    form.set("/tools", tools.length > 1 ? tools.filter((_, at) => at !== index) : undefined);
  };
  return (
    <Section title={t("tools")}>
      <p className="-mt-3 text-sm text-muted">{allowed ? t("toolsText") : t("notForKind")}</p>
      <div className="grid gap-2" data-pointer="/tools">
        {tools.map((tool, index) => (
          <Entry
            key={keys[index]} pointer={`/tools/${index}`} name={tool.name || t("toolN", { n: index + 1 })} isNew={keys[index] === added}
            summary={<Badge>{t(tool.does.type)}</Badge>} removeLabel={t("removeTool", { name: tool.name || t("toolN", { n: index + 1 }) })} onRemove={() => remove(index)}
          >
            <Tool form={form} at={`/tools/${index}`} />
          </Entry>
        ))}
        {tools.length === 0 && <p className="text-sm text-muted">{t("noTools")}</p>}
        {error && !allowed && <p role="alert" className="text-xs font-medium text-bad">{error}</p>}
        {allowed && tools.length < 64 && (
          <div>
            <Button size="sm" onClick={() => { setAdded(Math.max(-1, ...keys) + 1); form.set("/tools", [...tools, { name: "", does: ACTIONS.mock }]); }}>
              <Plus aria-hidden />{t("addTool")}
            </Button>
          </div>
        )}
      </div>
      {allowed && (tools.length > 0 || (form.value.mcp_servers ?? []).length > 0) && (
        <Field label={t("steps")} pointer="/max_tool_steps" className="max-w-xs"><Input min={1} max={100} placeholder="30" {...numberAt(form, "/max_tool_steps")} /></Field>
      )}
    </Section>
  );
}

function Tool({ form, at }: { form: Form; at: string }) {
  const t = useText(toolTexts);
  const does = form.get(`${at}/does`) as Action;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("name")} pointer={`${at}/name`} required hint={t("nameHint")}><Input className="font-mono text-xs" spellCheck={false} {...textAt(form, `${at}/name`)} /></Field>
        <Field label={t("does")} pointer={`${at}/does/type`} required>
          <Select value={does.type} onChange={(event) => form.set(`${at}/does`, ACTIONS[event.target.value as Action["type"]])}>
            {(["http", "mock", "fail"] as const).map((one) => <option key={one} value={one}>{t(one)}</option>)}
          </Select>
        </Field>
      </div>
      <Field label={t("description")} pointer={`${at}/description`} hint={t("descriptionHint")}><Textarea rows={2} {...textAt(form, `${at}/description`, "absent")} /></Field>
      <JsonField form={form} pointer={`${at}/parameters`} label={t("parameters")} hint={t("parametersHint")} />
      {does.type === "mock" && <Output form={form} at={`${at}/does/output`} output={does.output} />}
      {does.type === "fail" && <Field label={t("message")} pointer={`${at}/does/message`} required><Textarea rows={2} {...textAt(form, `${at}/does/message`)} /></Field>}
      {does.type === "http" && <HttpCall form={form} at={`${at}/does`} />}
    </>
  );
}

function Output({ form, at, output }: { form: Form; at: string; output: unknown }) {
  const t = useText(toolTexts);
  // As it was chosen, not as it is: a text is JSON too.
  const [chosen, choose] = useState(typeof output === "string" ? "text" : "json");
  const isText = chosen === "text" && typeof output === "string";
  const change = (as: string) => {
    choose(as);
    form.set(at, as === "json" ? read(output) : typeof output === "string" ? output : output === null ? "" : JSON.stringify(output));
  };
  return (
    <>
      <Field label={t("outputAs")} className="max-w-48">
        <Select value={isText ? "text" : "json"} onChange={(event) => change(event.target.value)}>
          <option value="text">{t("asText")}</option>
          <option value="json">{t("asJson")}</option>
        </Select>
      </Field>
      {isText
        ? <Field label={t("output")} pointer={at}><Textarea rows={2} {...textAt(form, at)} /></Field>
        : <JsonField form={{ get: form.get, text: form.text, set: (pointer, value) => form.set(pointer, value ?? null) }} pointer={at} label={t("output")} hint={t("outputJsonHint")} />}
    </>
  );
}

/** What a text says as JSON, where it says any; else an empty object to begin with. */
function read(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return {};
  }
}

function HttpCall({ form, at }: { form: Form; at: string }) {
  const t = useText(toolTexts);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        <Field label={t("url")} pointer={`${at}/url`} required><Input className="font-mono text-xs" inputMode="url" spellCheck={false} {...textAt(form, `${at}/url`)} /></Field>
        <Field label={t("method")} pointer={`${at}/method`}>
          <Select value={form.text(`${at}/method`) || "POST"} onChange={(event) => form.set(`${at}/method`, event.target.value)}>
            {["POST", "PUT", "PATCH"].map((one) => <option key={one}>{one}</option>)}
          </Select>
        </Field>
      </div>
      <HeadersField form={form} pointer={`${at}/headers`} label={t("headers")} hint={t("headersHint", { braces: "{{ secrets.name }}" })} />
      <Field label={t("timeout")} pointer={`${at}/timeout_ms`} className="max-w-xs"><Input min={0.1} max={600} step="any" placeholder="30" {...numberAt(form, `${at}/timeout_ms`, 1000)} /></Field>
    </>
  );
}
