import { useMemo } from "react";
import { useText } from "@/i18n";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { promptTexts } from "./i18n";
import { LATEST, type Prompt, promptKind } from "./kind";

/** All prompts of the workspace. */
export default function PromptsPage() {
  const t = useText(promptTexts);
  const columns = useMemo<Column<Prompt>[]>(() => [
    { id: "type", header: t("type"), width: 90, cell: (prompt) => <Badge>{t(prompt.type)}</Badge> },
    {
      id: "labels", header: t("labels"), width: 230,
      cell: (prompt) => (
        <span className="flex gap-1.5 overflow-hidden">
          {Object.entries(prompt.labels).filter(([label]) => label !== LATEST).map(([label, version]) => <Badge key={label} tone={label === "production" ? "good" : "info"}>{label} · {version}</Badge>)}
        </span>
      ),
    },
    { id: "variables", header: t("variables"), width: 180, cell: (prompt) => <span className="font-mono text-xs text-muted">{prompt.variables.join(", ")}</span> },
    { id: "tags", header: t("tags"), width: 140, hidden: true, cell: (prompt) => <span className="text-muted">{prompt.tags?.join(", ")}</span> },
  ], [t]);
  return <ResourceList kind={promptKind} columns={columns} />;
}
