import { useMemo, useState } from "react";
import { X } from "lucide-react";
import { usePages } from "@/api/pages";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { textAt } from "@/resource/fields";
import { Button, ButtonLink } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { Section } from "@/ui/section";
import { type Choice, useChoices, useNames } from "../data";
import { useForm } from "./form";
import { wizardTexts } from "./i18n";

/** The name, and who is put to the test. */
export function AgentsStep({ focus }: { focus?: boolean }) {
  const t = useText(wizardTexts);
  const form = useForm();
  const [q, setQ] = useState("");
  const agents = useMemo(() => form.value.agents ?? [], [form.value.agents]);
  const choices = useChoices<Choice & { url: string }>("agents", q);
  const name = useNames("agents", agents.map((one) => one.id));
  const set = (next: Schemas["AgentVersion"][]) => form.set("/agents", next);
  if (!choices.isPending && !q && choices.rows.length === 0) {
    return <Section title={t("agents")}><p className="text-sm text-muted">{t("noAgentsYet")}</p><div><ButtonLink variant="primary" to="/agents/new">{t("makeAgent")}</ButtonLink></div></Section>;
  }
  return (
    <>
      <div className="card p-4"><Field label={t("name")} pointer="/name" required><Input autoFocus={focus} {...textAt(form, "/name")} /></Field></div>
      <Section title={t("agents")}>
        {agents.length > 0 && (
          <ul className="-my-1 divide-y divide-line">
            {agents.map((one, index) => (
              <li key={`${one.id} ${index}`} className="flex items-center gap-3 py-2 text-sm">
                <span className="min-w-0 flex-1 truncate font-medium">{name(one.id)}</span>
                <VersionSelect agent={one} onChange={(version) => set(agents.map((other, at) => (at === index ? (version ? { id: one.id, version } : { id: one.id }) : other)))} />
                <Button variant="ghost" size="icon-sm" aria-label={`${t("remove")}: ${name(one.id)}`} onClick={() => set(agents.filter((_, at) => at !== index))}><X aria-hidden /></Button>
              </li>
            ))}
          </ul>
        )}
        <Field label={t("addAgent")} pointer="/agents" {...(agents.length === 0 ? { hint: t("noAgents") } : {})}>
          <Combobox value={null} onChange={(id) => set([...agents, { id }])} onSearch={setQ} placeholder={t("addAgent")} options={choices.rows.map((one) => ({ value: one.id, label: one.name, hint: one.url }))} />
        </Field>
      </Section>
    </>
  );
}

function VersionSelect({ agent, onChange }: { agent: Schemas["AgentVersion"]; onChange(version: number | null): void }) {
  const t = useText(wizardTexts);
  const versions = usePages<Schemas["ResourceVersion"]>({ key: ["agents", "versions", agent.id], path: `/api/v1/agents/${encodeURIComponent(agent.id)}/versions` });
  return (
    <Select aria-label={t("version")} className="w-36" value={agent.version ?? ""} onChange={(event) => onChange(event.target.value ? Number(event.target.value) : null)}>
      <option value="">{t("newestVersion")}</option>
      {versions.rows.map((one) => <option key={one.version} value={one.version}>{t("version")} {one.version}</option>)}
    </Select>
  );
}
