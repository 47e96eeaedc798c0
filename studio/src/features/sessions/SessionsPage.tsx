import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { When } from "@/features/traces/cells";
import { useText } from "@/i18n";
import { compact, cost, duration, number } from "@/lib/format";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { GroupList } from "./GroupList";
import { sessionTexts } from "./i18n";

type Row = Schemas["TraceSession"];

/** All conversations. */
export default function SessionsPage() {
  const t = useText(sessionTexts);
  const columns = useMemo<Column<Row>[]>(() => [
    { id: "id", header: t("id"), grow: true, width: 220, cell: (one) => <Link to={`/sessions/${encodeURIComponent(one.id)}`} title={one.id} className="font-mono text-xs font-medium hover:text-accent hover:underline">{one.id}</Link> },
    { id: "traces", header: t("traces"), width: 80, align: "end", cell: (one) => number(one.trace_count) },
    { id: "people", header: t("people"), width: 110, align: "end", cell: (one) => number(one.user_count) },
    { id: "errors", header: t("errors"), width: 80, align: "end", cell: (one) => <span className={one.error_count > 0 ? "text-bad" : "text-muted"}>{number(one.error_count)}</span> },
    { id: "tokens", header: t("tokens"), width: 90, align: "end", cell: (one) => compact((one.usage.input ?? 0) + (one.usage.output ?? 0)) },
    { id: "cost", header: t("cost"), width: 100, align: "end", cell: (one) => cost(one.total_cost_usd) },
    { id: "lasted", header: t("lasted"), width: 110, align: "end", cell: (one) => duration(Date.parse(one.last_at) - Date.parse(one.first_at)) },
    { id: "environment", header: t("environment"), width: 140, cell: (one) => one.environment && <Badge>{one.environment}</Badge> },
    { id: "observations", header: t("observations"), width: 110, align: "end", hidden: true, cell: (one) => number(one.observation_count) },
    { id: "first", header: t("first"), width: 130, hidden: true, cell: (one) => <When at={one.first_at} /> },
    { id: "last", header: t("last"), width: 130, cell: (one) => <When at={one.last_at} /> },
  ], [t]);
  return <GroupList<Row> kind="sessions" title={t("sessions")} empty={t("emptySessions")} columns={columns} />;
}
