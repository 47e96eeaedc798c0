import { useMemo } from "react";
import { useText } from "@/i18n";
import { ResourceList } from "@/resource/ResourceList";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { alertTexts } from "./i18n";
import { type Alert, alertKind, SEVERITY_TONES } from "./kind";
import { StateBadge } from "./StateBadge";
import { useStatus } from "./standing";
import { formatOf } from "./watched";

/** All alerts, with where each stands. */
export default function AlertsPage() {
  const t = useText(alertTexts);
  const columns = useMemo<Column<Alert>[]>(() => [
    { id: "state", header: t("state"), width: 120, cell: (one) => <State alert={one} /> },
    { id: "severity", header: t("severity"), width: 96, cell: (one) => <Badge tone={SEVERITY_TONES[one.severity]}>{t(one.severity)}</Badge> },
    { id: "measure", header: t("watched"), width: 170, cell: (one) => <span className="text-muted">{one.measure.type === "score" ? one.measure.name : t(one.measure.type)}</span> },
    { id: "condition", header: t("when"), width: 160, cell: (one) => <span className="text-muted"><ConditionText alert={one} /></span> },
    { id: "channels", header: t("who"), width: 96, cell: (one) => <span className="text-muted">{[...new Set(one.channels.map((channel) => t(channel.type)))].join(", ")}</span> },
  ], [t]);
  return <ResourceList kind={alertKind} columns={columns} />;
}

function State({ alert }: { alert: Alert }) {
  const status = useStatus(alert.id);
  return <StateBadge enabled={alert.enabled} status={status.data} />;
}

/** The condition of an alert in a few words. */
export function ConditionText({ alert: { condition, measure } }: { alert: Pick<Alert, "condition" | "measure"> }) {
  const t = useText(alertTexts);
  if (condition.type === "change_point") return <>{t("change_point")}: {t(condition.shift)}</>;
  return <>{t(condition.aggregation)} {t(condition.comparison)} {formatOf(measure, condition.aggregation)(condition.value)}</>;
}
