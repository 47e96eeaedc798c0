import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { SearchX } from "lucide-react";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ActiveFilters, FilterBar } from "@/features/traces/FilterBar";
import { useTraceFilters } from "@/features/traces/useTraceFilters";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Page } from "@/ui/page";
import { Empty, ErrorState, Loading, NoPermission } from "@/ui/states";
import { sessionTexts } from "./i18n";

/** What lists of sessions and of end users have in common: rows that are made of traces, and the filters of traces. */
export function GroupList<Row extends { id: string }>({ kind, title, empty, columns }: { kind: "sessions" | "users"; title: string; empty: string; columns: readonly Column<Row>[] }): ReactNode {
  const t = useText(sessionTexts);
  const navigate = useNavigate();
  const mayRead = useMay("traces_read");
  const state = useTraceFilters();
  const list = usePages<Row>({ key: [kind, "list"], path: `/api/v1/${kind}`, query: state.query, enabled: mayRead });
  const body = () => {
    if (!mayRead) return <NoPermission />;
    if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    if (list.isPending) return <Loading />;
    const narrowed = state.filtered || state.range !== "";
    return (
      <DataTable
        name={kind} label={title} rows={list.rows} columns={columns} rowId={(one) => one.id}
        onOpen={(one) => void navigate({ to: `/${kind}/${encodeURIComponent(one.id)}` })}
        onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage}
        toolbar={<FilterBar state={state} />}
        empty={narrowed
          ? <Empty icon={SearchX} title={t("nothing")} action={<>
              {state.filtered && <Button onClick={state.clear}>{t("clear")}</Button>}
              {state.range !== "" && <Button onClick={() => state.set({ range: "", from: "", to: "" })}>{t("allTime")}</Button>}
            </>}>{state.filtered ? t("nothingText") : empty}</Empty>
          : <Empty>{empty}</Empty>}
      />
    );
  };
  return <Page title={title}><div className="grid grid-cols-[minmax(0,1fr)] gap-2"><ActiveFilters state={state} />{body()}</div></Page>;
}
