import { useMemo } from "react";
import { useText } from "@/i18n";
import { ResourceList } from "@/resource/ResourceList";
import type { Column } from "@/ui/data-table";
import { secretTexts } from "./i18n";
import { type Secret, secretKind } from "./kind";

/** All secrets of the workspace, without their values. */
export default function SecretsPage() {
  const t = useText(secretTexts);
  const columns = useMemo<Column<Secret>[]>(() => [
    { id: "hosts", header: t("hosts"), width: 280, cell: (secret) => <span className="font-mono text-xs text-muted" title={secret.hosts.join("\n")}>{secret.hosts.join(", ")}</span> },
    { id: "value", header: t("value"), width: 90, cell: (secret) => <span className="text-muted">{secret.has_credential ? t("stored") : t("none")}</span> },
  ], [t]);
  return <ResourceList kind={secretKind} columns={columns} />;
}
