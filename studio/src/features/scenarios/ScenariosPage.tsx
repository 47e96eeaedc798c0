import { useMemo } from "react";
import { useText } from "@/i18n";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { scenarioTexts } from "./i18n";
import { courseOf, type Scenario, scenarioKind, type ScenarioSpec } from "./kind";

/** All scenarios of the workspace. */
export default function ScenariosPage() {
  const t = useText(scenarioTexts);
  const columns = useMemo<Column<Scenario>[]>(() => {
    const names = { graph: t("courseGraph"), script: t("courseScript"), persona: t("coursePersona") };
    return [
      { id: "course", header: t("course"), width: 110, cell: (item) => <Badge>{names[courseOf(item as ScenarioSpec)]}</Badge> },
      { id: "steps", header: t("steps"), width: 110, cell: (item) => <span className="text-muted">{item.graph ? t("nodesN", { n: item.graph.nodes.length }) : item.script?.length ? t("linesN", { n: item.script.length }) : t("freely")}</span> },
      { id: "tags", header: t("tags"), width: 180, cell: (item) => <span className="flex gap-1 overflow-hidden">{item.tags?.map((tag) => <Badge key={tag}>{tag}</Badge>)}</span> },
    ];
  }, [t]);
  return <ResourceList kind={scenarioKind} columns={columns} />;
}
