import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Trash2 } from "lucide-react";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { useRemove, useResource } from "@/resource/data";
import { useResourceForm } from "@/resource/form";
import { resourceTexts } from "@/resource/i18n";
import { specOf } from "@/resource/kind";
import { ResourceFormFrame } from "@/resource/ResourceFormFrame";
import { Versions } from "@/resource/Versions";
import { TryStored } from "@/resource/trial/TryStored";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { AgentForm } from "./AgentForm";
import { agentTexts } from "./i18n";
import { type Agent, agentKind, type AgentSpec, PROTOCOLS } from "./kind";

/** One agent: its settings, a trial, its versions. */
export default function AgentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const agent = useResource(agentKind, id);
  return <Loaded query={agent}>{({ data, etag }) => <Detail key={data.id} agent={data} etag={etag} />}</Loaded>;
}

function Detail({ agent, etag }: { agent: Agent; etag: string | null }) {
  const t = useText(agentTexts);
  const navigate = useNavigate();
  const mayWrite = useMay(agentKind.write);
  const mayTry = useMay("evaluations_run");
  const remove = useRemove(agentKind);
  const [{ tab }, setTab] = useUrlState({ tab: "settings", version: "", against: "" });
  const part = (tab === "try" && mayTry) || tab === "versions" ? tab : "settings";
  return (
    <Page
      title={agent.name}
      description={`${PROTOCOLS[agent.kind]} · ${agent.url}`}
      back={{ to: "/agents", label: t("all") }}
      actions={mayWrite && (
        <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate([agent.id], { onSuccess: () => void navigate({ to: "/agents" }) })}>
          <Trash2 aria-hidden />{t("delete")}
        </Button>
      )}
    >
      <Tabs
        label={agent.name}
        value={part}
        onChange={(next) => setTab({ tab: next, version: "", against: "" }, { push: true })}
        tabs={[{ value: "settings" as const, label: t("settings") }, ...(mayTry ? [{ value: "try" as const, label: t("tryIt") }] : []), { value: "versions" as const, label: t("versions") }]}
      >
        {part === "settings" && <Settings agent={agent} etag={etag} mayWrite={mayWrite} />}
        {part === "try" && <TryStored of="agents" id={agent.id} about={t("trialText")} />}
        {part === "versions" && <Versions kind={agentKind} item={agent} etag={etag} />}
      </Tabs>
    </Page>
  );
}

function Settings({ agent, etag, mayWrite }: { agent: Agent; etag: string | null; mayWrite: boolean }) {
  const t = useText(resourceTexts);
  const initial = useMemo(() => specOf<Agent, AgentSpec>(agentKind, agent), [agent]);
  const form = useResourceForm<Agent, AgentSpec>(agentKind, initial, { id: agent.id, etag });
  return (
    <div className="max-w-3xl">
      <ResourceFormFrame kind={agentKind} form={form} isNew={false} mayWrite={mayWrite} onSaved={(saved) => toast(t("saved", { n: saved.version }))}>
        <AgentForm form={form} hasCredential={agent.has_credential} />
      </ResourceFormFrame>
    </div>
  );
}
