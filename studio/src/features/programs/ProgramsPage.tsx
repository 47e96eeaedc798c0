import { useMemo } from "react";
import { useText } from "@/i18n";
import { bytes } from "@/lib/format";
import { ResourceList } from "@/resource/ResourceList";
import type { Column } from "@/ui/data-table";
import { programTexts } from "./i18n";
import { type Program, programKind } from "./kind";

/** All programs of the workspace. */
export default function ProgramsPage() {
  const t = useText(programTexts);
  const columns = useMemo<Column<Program>[]>(() => [
    { id: "size", header: t("size"), width: 100, align: "end", cell: (program) => bytes(program.size) },
    { id: "hash", header: t("hash"), width: 160, cell: (program) => <span className="font-mono text-xs text-muted" title={program.sha256}>{program.sha256.slice(0, 12)}…</span> },
  ], [t]);
  return <ResourceList kind={programKind} columns={columns} />;
}
