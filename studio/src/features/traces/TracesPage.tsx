import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { PanelLeftClose, PanelLeftOpen, Radio, RefreshCw, SearchX } from "lucide-react";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { compact, cost, duration, NOTHING } from "@/lib/format";
import { preference } from "@/lib/preference";
import { useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Sheet } from "@/ui/dialog";
import { Page } from "@/ui/page";
import { PlainLink } from "@/ui/plain-link";
import { Empty, ErrorState, Loading, messageOf, NoPermission } from "@/ui/states";
import { BulkActions } from "./BulkActions";
import { Preview, Scores, SessionLink, Tags, Trouble, UserLink, When } from "./cells";
import { conditionsOf, filtersOf } from "./conditions";
import { ExportMenu } from "./ExportMenu";
import { Facets } from "./Facets";
import { ActiveFilters, FilterBar } from "./FilterBar";
import { traceTexts } from "./i18n";
import { type Trace, useLive, useMerged } from "./live";
import { useTraceFilters } from "./useTraceFilters";
import { Views } from "./Views";
import { useViews, type View } from "./views-data";

const SORT = "-timestamp";
const panel = preference<"open" | "closed">("assay.traces.facets", ["open", "closed"], () => "open");

/** All traces: filtered, sorted, watched as they come in. */
export default function TracesPage() {
  const t = useText(traceTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayRead = useMay("traces_read");
  const mayWrite = useMay("traces_write");
  const filtered = useTraceFilters();
  const { filters, span, query, set } = filtered;
  const [{ sort, live, view }, setState] = useUrlState({ sort: SORT, live: "", view: "" });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [sheet, setSheet] = useState(false);
  const facets = panel.use();
  const views = useViews("traces");
  const list = usePages<Trace>({ key: ["traces", "list"], path: "/api/v1/traces", query: { ...query, sort }, enabled: mayRead });
  const watching = live === "1";
  const tail = useLive(watching, query);
  // What comes in is at the top by its time; in another order it would appear anywhere.
  const rows = useMerged(list.rows, sort === SORT ? tail.fresh : NONE);

  const open = (one: View) => {
    const next = filtersOf(one.filter as never);
    void navigate({ to: ".", search: (() => ({ ...Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "")), ...(one.sort && one.sort !== SORT ? { sort: one.sort } : {}), view: one.id })) as never });
  };
  useDefaultView(views.rows, open);
  useShortcuts([
    { keys: "f", label: { en: "Show or hide the filters", vi: "Hiện hoặc ẩn bộ lọc" }, run: () => panel.set(panel.get() === "open" ? "closed" : "open") },
    { keys: "l", label: { en: "Watch live", vi: "Theo dõi trực tiếp" }, run: () => setState({ live: watching ? "" : "1", sort: SORT }) },
  ]);

  const chosenView = views.rows.find((one) => one.id === view);
  const columns = useColumns(chosenView?.columns);
  if (!mayRead) return <Page title={t("traces")}><NoPermission /></Page>;

  const toggleFacets = () => {
    // Beside the list where there is room, above it where there is none.
    if (matchMedia("(min-width: 64rem)").matches) panel.set(facets === "open" ? "closed" : "open");
    else setSheet(true);
  };
  const body = () => {
    if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    if (list.isPending) return <Loading />;
    return (
      <DataTable
        key={view}
        name={view ? `traces.${view}` : "traces"}
        label={t("traces")}
        rows={rows}
        columns={columns}
        rowId={(one) => one.id}
        rowName={(one) => one.name ?? one.id}
        sort={sort}
        onSort={(next) => setState({ sort: next, ...(next === SORT ? {} : { live: "" }) })}
        {...(mayWrite ? { selected, onSelect: setSelected } : {})}
        onOpen={(one) => void navigate({ to: `/traces/${encodeURIComponent(one.id)}` })}
        onEnd={() => void list.fetchNextPage()}
        hasMore={list.hasNextPage}
        loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <Button variant="ghost" aria-pressed={facets === "open"} onClick={toggleFacets}>
            {facets === "open" ? <PanelLeftClose aria-hidden /> : <PanelLeftOpen aria-hidden />}{t("filters")}
          </Button>
          <FilterBar state={filtered} />
          <BulkActions selected={selected} rows={rows} onDone={() => setSelected(new Set())} onDeleted={tail.forget} />
        </>}
        empty={filtered.filtered || filtered.range !== ""
          ? <Empty icon={SearchX} title={t("nothing")} action={<>
              {filtered.filtered && <Button onClick={filtered.clear}>{t("clearFilters")}</Button>}
              {filtered.range !== "" && <Button onClick={() => set({ range: "", from: "", to: "" })}>{t("allTime")}</Button>}
            </>}>{filtered.filtered ? t("nothingText") : t("empty")}</Empty>
          : <Empty action={<a className="text-sm text-accent underline" href="/api/openapi.json" target="_blank" rel="noreferrer">{t("howTo")}</a>}>{t("empty")}</Empty>}
      />
    );
  };
  return (
    <Page
      title={t("traces")}
      description={t("about")}
      actions={<>
        <Button aria-pressed={watching} title={t("liveText")} onClick={() => setState({ live: watching ? "" : "1", sort: SORT })} className={cx(watching && "border-good bg-good-soft text-good")}>
          <Radio aria-hidden className={cx(watching && tail.state === "live" && "animate-pulse")} />
          {watching ? t(tail.state === "live" ? "liveOn" : "liveWaiting") : t("live")}
        </Button>
        <Button variant="secondary" size="icon" aria-label={t("refresh")} onClick={() => void client.invalidateQueries({ queryKey: ["traces"] })}><RefreshCw aria-hidden className={cx(list.isFetching && "animate-spin")} /></Button>
        <Views
          table="traces"
          chosen={chosenView}
          content={() => ({ filter: conditionsOf(filters), sort: sort === SORT ? null : sort, columns: shownColumns(view ? `traces.${view}` : "traces", columns) })}
          onOpen={open}
        />
        <ExportMenu filters={filters} span={span} />
      </>}
    >
      <div className="flex items-start gap-4">
        {facets === "open" && <aside aria-label={t("filters")} className="card hidden max-h-[calc(100dvh-7rem)] w-56 shrink-0 overflow-y-auto px-3 py-1 lg:block"><Facets filters={filters} span={span} onChange={(changes) => set(changes)} /></aside>}
        <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] gap-2">
          <ActiveFilters state={filtered} />
          {tail.error ? <p role="alert" className="text-sm text-bad">{messageOf(tail.error, t("failed"))}</p> : null}
          {tail.skipped > 0 && <p role="status" className="text-xs text-warn">{t("skipped", { n: tail.skipped })}</p>}
          {body()}
        </div>
      </div>
      <Sheet open={sheet} onClose={() => setSheet(false)} title={t("filters")} className="w-[min(22rem,100vw)]">
        <Facets filters={filters} span={span} onChange={(changes) => set(changes)} />
      </Sheet>
    </Page>
  );
}

const NONE: ReadonlyMap<string, Trace> = new Map();

function useColumns(wanted: readonly string[] | undefined) {
  const t = useText(traceTexts);
  return useMemo<Column<Trace>[]>(() => {
    const all: Column<Trace>[] = [
      { id: "timestamp", header: t("time"), sort: "timestamp", width: 116, cell: (one) => <When at={one.timestamp} /> },
      {
        id: "name", header: t("name"), width: 140,
        cell: (one) => <PlainLink to={`/traces/${encodeURIComponent(one.id)}`} className="font-medium hover:text-accent hover:underline" title={one.name ?? one.id}>{one.name ?? t("unnamed")}</PlainLink>,
      },
      { id: "input", header: t("input"), grow: true, width: 150, cell: (one) => <Preview payload={one.input} role="user" /> },
      { id: "latency", header: t("latency"), sort: "latency", width: 84, align: "end", cell: (one) => duration(one.latency_ms) },
      { id: "tokens", header: t("tokens"), sort: "tokens", width: 76, align: "end", cell: (one) => one.usage ? <span title={`${one.usage.input} → ${one.usage.output}`}>{compact(one.usage.input + one.usage.output)}</span> : NOTHING },
      { id: "cost", header: t("cost"), sort: "cost", width: 104, align: "end", cell: (one) => cost(one.total_cost_usd) },
      { id: "status", header: t("status"), width: 92, cell: (one) => <Trouble errors={one.error_count} warnings={one.error_count > 0 ? 0 : one.warning_count} /> },
      { id: "scores", header: t("scores"), width: 200, cell: (one) => <Scores trace={one.id} /> },
      { id: "output", header: t("output"), grow: true, width: 150, cell: (one) => <Preview payload={one.output} role="assistant" /> },
      { id: "user", header: t("user"), width: 120, hidden: true, cell: (one) => <UserLink id={one.user_id} /> },
      { id: "session", header: t("session"), width: 130, hidden: true, cell: (one) => <SessionLink id={one.session_id} /> },
      { id: "environment", header: t("environment"), width: 120, cell: (one) => one.environment && <Badge>{one.environment}</Badge> },
      { id: "tags", header: t("tags"), width: 180, hidden: true, cell: (one) => <Tags tags={one.tags} /> },
      { id: "observations", header: t("observations"), width: 110, hidden: true, align: "end", cell: (one) => compact(one.observation_count) },
      { id: "release", header: t("release"), width: 110, hidden: true, cell: (one) => one.release },
      { id: "version", header: t("version"), width: 100, hidden: true, cell: (one) => one.version },
      { id: "public", header: t("public"), width: 100, hidden: true, cell: (one) => one.public ? t("isPublic") : null },
      { id: "id", header: t("id"), width: 260, hidden: true, cell: (one) => <span className="font-mono text-xs" title={one.id}>{one.id}</span> },
    ];
    return wanted && wanted.length > 0 ? all.map((one) => ({ ...one, hidden: !wanted.includes(one.id) })) : all;
  }, [t, wanted]);
}

/** The columns that are shown: the table keeps the choice in this browser. */
function shownColumns(name: string, columns: readonly Column<Trace>[]): string[] {
  let kept: Record<string, boolean> = {};
  try {
    kept = JSON.parse(localStorage.getItem(`assay.columns.${name}`) ?? "{}") as Record<string, boolean>;
  } catch {
    // Then what the columns say of themselves.
  }
  return columns.filter((one) => kept[one.id] ?? !one.hidden).map((one) => one.id);
}

/** A list that is opened without any filter begins with the view that is made for it: one's own before a shared one. */
function useDefaultView(views: readonly View[], open: (view: View) => void) {
  const search = useSearch({ strict: false }) as Record<string, string>;
  const untouched = useRef(Object.keys(search).length === 0);
  useEffect(() => {
    if (!untouched.current || views.length === 0) return;
    untouched.current = false;
    const own = views.find((one) => one.default && one.visibility === "private") ?? views.find((one) => one.default);
    if (own) open(own);
  }, [views, open]);
}
