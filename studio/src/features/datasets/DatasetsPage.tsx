import { useMemo } from "react";
import { useText } from "@/i18n";
import { number } from "@/lib/format";
import { ResourceList } from "@/resource/ResourceList";
import type { Column } from "@/ui/data-table";
import { datasetTexts } from "./i18n";
import { type Dataset, datasetKind } from "./kind";

/** All datasets of the workspace. */
export default function DatasetsPage() {
  const t = useText(datasetTexts);
  const columns = useMemo<Column<Dataset>[]>(() => [
    { id: "items", header: t("itemsCount"), width: 90, align: "end", cell: (dataset) => number(dataset.item_count) },
  ], [t]);
  return <ResourceList kind={datasetKind} columns={columns} />;
}
