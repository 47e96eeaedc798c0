import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { GitCompareArrows, Plus, SearchX, X } from "lucide-react";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { ago, cost, duration, exactTime, NOTHING, percent } from "@/lib/format";
import { useShortcuts } from "@/lib/keyboard";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button, ButtonLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Select } from "@/ui/input";
import { SearchBox } from "@/ui/search-box";
import { SelectionBar } from "@/ui/selection-bar";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { agentsOf, type Campaign, doneOf, tookMs, useChoices, useNames } from "../data";
import { commonTexts } from "../i18n";
import { ProgressBar, StatusBadge } from "../status";
import { listTexts } from "./i18n";

const STATUSES = ["queued", "running", "paused", "completed", "cancelled"] as const;
const VERDICTS = ["passed", "failed", "inconclusive"] as const;
/** As many rows as fill a screen. */
const FEW = 25;
const NONE = { q: "", status: "", tag: "", agent: "", verdict: "", by: "" };
/** What still goes on, as the API's filter has it. */
const OPEN = "queued,running,paused";

/** Newest first, unless sorted otherwise. The server filters; by verdict, which it makes of what it finds, rows are filtered here. */
export function CampaignTable() {
  const t = useText(listTexts);
  const common = useText(commonTexts);
  const navigate = useNavigate();
  const mayRun = useMay("campaigns_run");
  const [state, set] = useUrlState({ ...NONE, sort: "-created_at" });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const query = {
    q: state.q.trim() || null, status: (state.status === "open" ? OPEN : state.status) || null, tag: state.tag || null,
    uses: state.agent || null, created_by: state.by || null, sort: state.sort,
  };
  const list = usePages<Campaign>({ key: ["campaigns", "list"], path: "/api/v1/campaigns", query, refetchInterval: 10_000 });
  const agents = useChoices("agents", "", useMay("resources_read"));
  useShortcuts([{ keys: "c", label: { en: "New campaign", vi: "Chiến dịch mới" }, run: () => { if (mayRun) void navigate({ to: "/campaigns/new" }); } }]);

  const rows = useMemo(() => list.rows.filter((one) => state.verdict === "" || one.verdict === state.verdict), [list.rows, state.verdict]);
  // Of few rows no end comes into sight: older campaigns are read until some fit, or all were read.
  const { hasNextPage, isFetching, isError, fetchNextPage } = list;
  useEffect(() => {
    if (rows.length < FEW && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [rows.length, hasNextPage, isFetching, isError, fetchNextPage]);
  const agentName = useNames("agents", useMemo(() => list.rows.flatMap((one) => agentsOf(one.spec).map((agent) => agent.id)), [list.rows]));
  const columns = useMemo<Column<Campaign>[]>(() => [
    {
      id: "name", header: t("name"), sort: "name", grow: true, width: 190,
      cell: (one) => (
        <span className="flex min-w-0 items-baseline gap-2">
          <Link to={`/campaigns/${one.id}`} className="max-w-full shrink-0 truncate font-medium hover:text-accent hover:underline">{one.name}</Link>
          {one.spec.tags?.map((tag) => (
            <button key={tag} type="button" title={t("onlyTag", { tag })} onClick={() => set({ tag })} className="min-h-6 rounded-sm hover:opacity-80"><Badge>{tag}</Badge></button>
          ))}
        </span>
      ),
    },
    { id: "status", header: common("status"), width: 110, cell: (one) => <StatusBadge status={one.status} /> },
    {
      id: "progress", header: t("progress"), width: 144,
      cell: (one) => (
        <span className="flex items-center gap-2">
          <ProgressBar summary={one.summary} />
          <span className="shrink-0 text-xs text-muted tabular-nums">{doneOf(one.summary)}/{one.summary.total}</span>
          {one.summary.waiting_for_person > 0 && <span className="text-xs text-warn" title={t("waiting", { n: one.summary.waiting_for_person })}><span aria-hidden>●</span><span className="sr-only">{t("waiting", { n: one.summary.waiting_for_person })}</span></span>}
        </span>
      ),
    },
    { id: "rate", header: t("passRate"), width: 84, align: "end", cell: (one) => percent(one.pass_rate) },
    { id: "verdict", header: t("verdict"), width: 106, cell: (one) => (one.verdict ? <StatusBadge status={one.verdict} /> : <span className="text-muted">{NOTHING}</span>) },
    { id: "agent", header: common("agents"), width: 130, cell: (one) => <span className="text-muted">{agentsOf(one.spec).map((agent) => agentName(agent.id)).join(", ")}</span> },
    { id: "spent", header: t("spent"), width: 108, align: "end", cell: (one) => <span title={t("spentTitle")}>{cost(one.spent?.cost_usd)}</span> },
    { id: "took", header: t("took"), width: 100, align: "end", hidden: true, cell: (one) => <span className="text-muted">{duration(one.finished_at ? tookMs(one) : null)}</span> },
    { id: "started", header: t("started"), sort: "created_at", width: 118, cell: (one) => <time dateTime={one.created_at} title={exactTime(one.created_at)} className="text-muted">{ago(one.created_at)}</time> },
    { id: "repetitions", header: t("repetitions"), width: 80, align: "end", hidden: true, cell: (one) => one.spec.repetitions },
  ], [t, common, agentName, set]);

  const create = mayRun && <ButtonLink variant="primary" to="/campaigns/new"><Plus aria-hidden />{t("new")}</ButtonLink>;
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const asks = Object.keys(NONE).some((filter) => state[filter as keyof typeof NONE] !== "");
  if (list.rows.length === 0 && !asks && !list.isPlaceholderData) return <Empty action={create}>{t("empty")}</Empty>;
  // The one chosen first is the baseline's place only by time: the older of the two.
  const pair = list.rows.filter((one) => selected.has(one.id));
  return (
    <DataTable
      name="campaigns"
      label={common("campaigns")}
      rows={rows}
      columns={columns}
      rowId={(one) => one.id}
      rowName={(one) => one.name}
      selected={selected}
      onSelect={setSelected}
      sort={state.sort}
      onSort={(sort) => set({ sort })}
      onOpen={(one) => void navigate({ to: `/campaigns/${one.id}` })}
      onEnd={() => void list.fetchNextPage()}
      hasMore={list.hasNextPage}
      loadingMore={list.isFetchingNextPage}
      toolbar={<>
        <SearchBox label={t("search")} className="w-60 max-w-full" value={state.q} onChange={(q) => set({ q })} />
        <Select aria-label={t("statusFilter")} className="w-40" value={state.status} onChange={(event) => set({ status: event.target.value })}>
          <option value="">{t("anyStatus")}</option>
          <option value="open">{t("onlyOpen")}</option>
          {STATUSES.map((one) => <option key={one} value={one}>{common(one)}</option>)}
        </Select>
        <Select aria-label={t("verdictFilter")} className="w-40" value={state.verdict} onChange={(event) => set({ verdict: event.target.value })}>
          <option value="">{t("anyVerdict")}</option>
          {VERDICTS.map((one) => <option key={one} value={one}>{common(one)}</option>)}
        </Select>
        {agents.rows.length > 0 && (
          <Select aria-label={t("agentFilter")} className="w-44" value={state.agent} onChange={(event) => set({ agent: event.target.value })}>
            <option value="">{t("anyAgent")}</option>
            {state.agent && !agents.rows.some((one) => one.id === state.agent) && <option value={state.agent}>{agentName(state.agent)}</option>}
            {agents.rows.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </Select>
        )}
        {state.tag && (
          <Button size="sm" variant="ghost" aria-label={t("everyTag", { tag: state.tag })} onClick={() => set({ tag: "" })}><Badge tone="accent">{state.tag}</Badge><X aria-hidden /></Button>
        )}
        {state.by && <Button size="sm" variant="ghost" aria-label={t("everybodys")} onClick={() => set({ by: "" })}><Badge tone="accent">{t("byOne")}</Badge><X aria-hidden /></Button>}
        <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
          {pair.length === 2
            ? <ButtonLink size="sm" to={`/campaigns/${pair[0]?.id}/compare`} search={{ baseline: pair[1]?.id } as never}><GitCompareArrows aria-hidden />{t("compareTwo")}</ButtonLink>
            : <span className="text-xs font-normal">{t("chooseTwo")}</span>}
        </SelectionBar>
      </>}
      empty={<Empty icon={SearchX} title={t("noMatch")} action={<Button onClick={() => set(NONE)}>{t("clear")}</Button>}>{t("noMatchText")}</Empty>}
    />
  );
}
