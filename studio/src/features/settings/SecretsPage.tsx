import { useMemo } from "react";
import { useText } from "@/i18n";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { keyTexts } from "./i18n-keys";
import { type Secret, secretKind } from "./secret";

/** Secrets by name. Their values are nowhere to be seen. */
export default function SecretsPage() {
  const t = useText(keyTexts);
  const columns = useMemo<Column<Secret>[]>(() => [
    { id: "hosts", header: t("secretHosts"), width: 260, cell: (secret) => <span className="font-mono text-xs text-muted" title={secret.hosts.join(", ")}>{secret.hosts.join(", ")}</span> },
    { id: "value", header: t("value"), width: 120, cell: (secret) => (secret.has_credential ? <Badge tone="good">{t("hasValue")}</Badge> : <Badge tone="warn">{t("noValue")}</Badge>) },
  ], [t]);
  return <ResourceList kind={secretKind} columns={columns} />;
}
