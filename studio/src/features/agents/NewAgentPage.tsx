import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "@/api/me";
import { useBoth, useText } from "@/i18n";
import { useResourceForm } from "@/resource/form";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { trialTexts } from "@/resource/trial/i18n";
import { useTrial } from "@/resource/trial/unsaved";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { Page } from "@/ui/page";
import { NoPermission } from "@/ui/states";
import { toast } from "@/ui/toast";
import { AgentForm } from "./AgentForm";
import { agentTexts } from "./i18n";
import { type Agent, agentKind, type AgentSpec, NEW_AGENT, PROTOCOLS } from "./kind";
import { agentOf } from "./paste";

/** A new agent: paste how it is called, look, create. */
export default function NewAgentPage() {
  const t = useText(agentTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const mayWrite = useMay(agentKind.write);
  const form = useResourceForm<Agent, AgentSpec>(agentKind, NEW_AGENT);
  const [pasted, setPasted] = useState("");
  const mayTry = useMay("evaluations_run");
  const trial = useTrial("agents", form.value, useText(trialTexts)("firstMessage"));
  if (!mayWrite) return <NoPermission />;
  const found = pasted.trim() ? agentOf(pasted) : null;
  const paste = (text: string) => {
    setPasted(text);
    const spec = agentOf(text);
    // A name that was typed stays.
    if (spec) form.replace({ ...spec, name: form.value.name || spec.name });
  };
  const read = found && [PROTOCOLS[found.kind], found.model, found.auth?.type === "none" ? null : t("auth")].filter(Boolean).join(", ");
  return (
    <Page title={both(agentKind.create)} back={{ to: "/agents", label: t("all") }} wide={false}>
      <div className="grid gap-4">
        <section className="card bg-accent-soft/50 p-4">
          <Field label={t("pasteTitle")} hint={pasted.trim() ? (read ? t("pasteRead", { what: read }) : t("pasteFailed")) : t("pasteHint")}>
            <Textarea rows={3} autoFocus spellCheck={false} className="font-mono text-xs" placeholder={t("pasteHere")} value={pasted} onChange={(event) => paste(event.target.value)} />
          </Field>
        </section>
        <ResourceFormFrame
          kind={agentKind}
          form={form}
          isNew
          mayWrite
          trial={mayTry ? trial : undefined}
          onSaved={(agent) => {
            toast(t("created", { name: agent.name }));
            void navigate({ to: `/agents/${agent.id}`, search: { tab: "try" } as never });
          }}
        >
          <AgentForm form={form} hasCredential={false} />
        </ResourceFormFrame>
      </div>
    </Page>
  );
}
