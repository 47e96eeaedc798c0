import { useMemo } from "react";
import { useBoth, useText } from "@/i18n";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { labelTexts } from "./i18n";
import { LABEL_KINDS, LABEL_TARGETS, labelKind, type LabelSchema } from "./kind";

/** All label schemas of the workspace. */
export default function LabelSchemasPage() {
  const t = useText(labelTexts);
  const both = useBoth();
  const columns = useMemo<Column<LabelSchema>[]>(() => [
    { id: "kind", header: t("kind"), width: 180, cell: (schema) => <Badge>{both(LABEL_KINDS[schema.kind])}</Badge> },
    { id: "target", header: t("target"), width: 190, cell: (schema) => <span className="text-muted">{both(LABEL_TARGETS[schema.target])}</span> },
  ], [t, both]);
  return <ResourceList kind={labelKind} columns={columns} />;
}
