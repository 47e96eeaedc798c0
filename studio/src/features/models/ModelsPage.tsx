import { useMemo } from "react";
import { useText } from "@/i18n";
import { cost, NOTHING } from "@/lib/format";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { modelTexts } from "./i18n";
import { type Model, modelKind, PROVIDERS } from "./kind";

/** All models of the workspace. */
export default function ModelsPage() {
  const t = useText(modelTexts);
  const columns = useMemo<Column<Model>[]>(() => [
    { id: "provider", header: t("provider"), width: 150, cell: (model) => <Badge>{PROVIDERS[model.provider].label}</Badge> },
    { id: "model", header: t("model"), width: 150, cell: (model) => <span className="font-mono text-xs text-muted" title={model.model}>{model.model}</span> },
    { id: "address", header: t("address"), width: 200, hidden: true, cell: (model) => <span className="font-mono text-xs text-muted" title={model.base_url}>{model.base_url.replace(/^https?:\/\//, "")}</span> },
    { id: "key", header: t("keyColumn"), width: 76, cell: (model) => <span className="text-muted">{model.has_credential ? t("stored") : t("none")}</span> },
    { id: "price", header: t("price"), width: 160, align: "end", cell: ({ price }) => (price ? t("inOut", { in: cost(price.input_per_million), out: cost(price.output_per_million) }) : NOTHING) },
  ], [t]);
  return <ResourceList kind={modelKind} columns={columns} />;
}
