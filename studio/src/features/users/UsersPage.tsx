import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { GroupList } from "@/features/sessions/GroupList";
import { sessionTexts } from "@/features/sessions/i18n";
import { When } from "@/features/traces/cells";
import { useText } from "@/i18n";
import { compact, cost, number } from "@/lib/format";
import type { Column } from "@/ui/data-table";

type Row = Schemas["EndUser"];

/** All end users. */
export default function UsersPage() {
  const t = useText(sessionTexts);
  const columns = useMemo<Column<Row>[]>(() => [
    { id: "id", header: t("id"), grow: true, width: 220, cell: (one) => <Link to={`/users/${encodeURIComponent(one.id)}`} title={one.id} className="font-medium hover:text-accent hover:underline">{one.id}</Link> },
    { id: "traces", header: t("traces"), width: 90, align: "end", cell: (one) => number(one.trace_count) },
    { id: "sessions", header: t("sessionsCount"), width: 90, align: "end", cell: (one) => number(one.session_count) },
    { id: "errors", header: t("errors"), width: 80, align: "end", cell: (one) => <span className={one.error_count > 0 ? "text-bad" : "text-muted"}>{number(one.error_count)}</span> },
    { id: "tokens", header: t("tokens"), width: 100, align: "end", cell: (one) => compact((one.usage.input ?? 0) + (one.usage.output ?? 0)) },
    { id: "cost", header: t("cost"), width: 110, align: "end", cell: (one) => cost(one.total_cost_usd) },
    { id: "observations", header: t("observations"), width: 110, align: "end", hidden: true, cell: (one) => number(one.observation_count) },
    { id: "first", header: t("first"), width: 140, cell: (one) => <When at={one.first_at} /> },
    { id: "last", header: t("last"), width: 140, cell: (one) => <When at={one.last_at} /> },
  ], [t]);
  return <GroupList<Row> kind="users" title={t("users")} empty={t("emptyUsers")} columns={columns} />;
}
