import { useMemo } from "react";
import { useBoth, useText } from "@/i18n";
import { NOTHING } from "@/lib/format";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { personaTexts } from "./i18n";
import { type Persona, personaKind, STRATEGIES } from "./kind";

/** All personas of the workspace. */
export default function PersonasPage() {
  const t = useText(personaTexts);
  const both = useBoth();
  const columns = useMemo<Column<Persona>[]>(() => [
    { id: "traits", header: t("traits"), width: 200, cell: (one) => <span className="truncate text-muted">{one.traits?.join(", ") || NOTHING}</span> },
    { id: "language", header: t("language"), width: 110, cell: (one) => <span className="text-muted">{one.language || NOTHING}</span> },
    { id: "patience", header: t("patience"), width: 100, align: "end", cell: (one) => t("patienceOf", { n: one.patience ?? 5 }) },
    { id: "strategy", header: t("strategy"), width: 120, cell: (one) => <Badge>{both(STRATEGIES[one.strategy ?? "plain"].title)}</Badge> },
  ], [t, both]);
  return <ResourceList kind={personaKind} columns={columns} />;
}
