import { useMemo } from "react";
import { useText } from "@/i18n";
import { number } from "@/lib/format";
import { ResourceList } from "@/resource/ResourceList";
import type { Column } from "@/ui/data-table";
import { knowledgeTexts } from "./i18n";
import { type KnowledgeBase, knowledgeKind } from "./kind";

/** All knowledge bases of the workspace. */
export default function KnowledgePage() {
  const t = useText(knowledgeTexts);
  const columns = useMemo<Column<KnowledgeBase>[]>(() => [
    { id: "documents", header: t("count"), width: 110, align: "end", cell: (base) => number(base.document_count) },
    { id: "tags", header: t("tags"), width: 180, cell: (base) => <span className="text-muted">{base.tags?.join(", ")}</span> },
  ], [t]);
  return <ResourceList kind={knowledgeKind} columns={columns} />;
}
