import { useMemo } from "react";
import { BookOpen } from "lucide-react";
import { useText } from "@/i18n";
import { score } from "@/lib/format";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import { ButtonLink } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { metricTexts } from "./i18n";
import { type LibraryMetric, metricKind, useCatalogue } from "./kind";

/** The library of the workspace. */
export default function MetricsPage() {
  const t = useText(metricTexts);
  const { data } = useCatalogue();
  const columns = useMemo<Column<LibraryMetric>[]>(() => {
    const names = new Map(data?.map((entry) => [entry.kind, entry]));
    return [
      { id: "kind", header: t("kind"), width: 190, cell: ({ metric }) => <Badge>{names.get(metric.kind)?.name ?? metric.kind}</Badge> },
      { id: "tags", header: t("tags"), width: 150, cell: ({ tags }) => <span className="text-muted">{tags?.join(", ")}</span> },
      { id: "threshold", header: t("threshold"), width: 100, align: "end", cell: ({ metric }) => score(metric.threshold ?? names.get(metric.kind)?.default_threshold) },
    ];
  }, [t, data]);
  return <ResourceList kind={metricKind} columns={columns} actions={<ButtonLink to="/metrics/catalogue"><BookOpen aria-hidden />{t("catalogue")}</ButtonLink>} />;
}
