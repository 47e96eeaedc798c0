import { useMemo } from "react";
import { useText } from "@/i18n";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { agentTexts } from "./i18n";
import { type Agent, agentKind, PROTOCOLS } from "./kind";

/** All agents of the workspace. */
export default function AgentsPage() {
  const t = useText(agentTexts);
  const columns = useMemo<Column<Agent>[]>(() => [
    { id: "protocol", header: t("protocol"), width: 180, cell: (agent) => <Badge>{PROTOCOLS[agent.kind]}</Badge> },
    { id: "model", header: t("model"), width: 130, cell: (agent) => <span className="text-muted">{agent.model}</span> },
    { id: "address", header: t("address"), width: 220, cell: (agent) => <span className="font-mono text-xs text-muted" title={agent.url}>{agent.url.replace(/^https?:\/\//, "")}</span> },
  ], [t]);
  return <ResourceList kind={agentKind} columns={columns} />;
}
