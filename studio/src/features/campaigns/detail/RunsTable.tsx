import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { SearchX } from "lucide-react";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { cost, duration, NOTHING, number, score } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { SearchInput, Select } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { agentsOf, type Campaign, isOpen, type Outcome, useItemName, useNames } from "../data";
import { commonTexts } from "../i18n";
import { StatusBadge } from "../status";
import { detailTexts } from "./i18n";

const STATUSES = ["queued", "running", "waiting_for_person", "paused", "passed", "failed", "error", "cancelled"] as const;
const NONE = { status: "", agent: "", persona: "", item: "" };

/** The runs of a campaign; the API filters. */
export function RunsTable({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const common = useText(commonTexts);
  const navigate = useNavigate();
  const [state, set] = useUrlState(NONE);
  const [typed, setTyped] = useState(state.item);
  useEffect(() => setTyped(state.item), [state.item]);
  const list = usePages<Outcome>({
    key: ["campaigns", "runs", campaign.id, "list"],
    path: `/api/v1/campaigns/${encodeURIComponent(campaign.id)}/runs`,
    query: { status: state.status, agent_id: state.agent, persona_id: state.persona, item_key: state.item.trim() },
    refetchInterval: isOpen(campaign) ? 5000 : false,
  });
  const agents = [...new Set(agentsOf(campaign.spec).map((one) => one.id))];
  const personas = campaign.spec.persona_ids ?? [];
  const agentName = useNames("agents", agents);
  const personaName = useNames("personas", personas);
  const itemName = useItemName(campaign, list.rows);
  const many = agentsOf(campaign.spec).length > 1;
  const columns = useMemo<Column<Outcome>[]>(() => [
    {
      id: "item", header: common("item"), width: 165,
      cell: (run) => (
        <span className="flex items-baseline gap-1.5">
          <Link to={`/runs/${run.run_id}`} className="truncate font-medium hover:text-accent hover:underline">{itemName(run.item_key)}</Link>
          {run.repetition > 0 && <span className="text-xs text-muted">#{run.repetition + 1}</span>}
          {run.carried_from && <span title={t("carriedHint")}><Badge>{t("carried")}</Badge></span>}
        </span>
      ),
    },
    { id: "status", header: common("status"), width: 122, cell: (run) => <StatusBadge status={run.status} /> },
    ...(many ? [{ id: "agent", header: common("agent"), width: 130, cell: (run: Outcome) => <span className="text-muted">{agentName(run.agent_id)} {run.agent_version ? common("version", { n: run.agent_version }) : ""}</span> }] : []),
    ...(personas.length > 0 ? [{ id: "persona", header: t("persona"), width: 130, cell: (run: Outcome) => <span className="text-muted">{personaName(run.persona_id) || NOTHING}</span> }] : []),
    { id: "scores", header: common("metrics"), width: 220, cell: (run) => <Scores run={run} /> },
    { id: "input", header: t("input"), width: 200, hidden: many, cell: (run) => <span className="text-muted" title={run.input ?? undefined}>{run.input ?? NOTHING}</span> },
    { id: "output", header: t("output"), grow: true, width: 180, cell: (run) => <span className={run.error ? "text-warn" : "text-muted"} title={run.error?.message ?? run.output ?? undefined}>{run.error?.message ?? run.output ?? NOTHING}</span> },
    { id: "turns", header: common("turns"), width: 70, align: "end", hidden: true, cell: (run) => number(run.turns) },
    { id: "latency", header: common("latency"), width: 116, align: "end", cell: (run) => duration(run.latency_ms) },
    { id: "cost", header: common("cost"), width: 82, align: "end", cell: (run) => cost(run.cost_usd) },
  ], [t, common, many, personas.length, agentName, personaName, itemName]);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  return (
    <DataTable
      name="campaign-runs" label={common("runs")} rows={list.rows} columns={columns} rowId={(run) => run.run_id}
      onOpen={(run) => void navigate({ to: `/runs/${run.run_id}` })}
      onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage}
      toolbar={<>
        {/* The API finds whole keys alone: it is asked when somebody has finished typing. */}
        <form onSubmit={(event) => { event.preventDefault(); set({ item: typed }); }}>
          <SearchInput
            label={t("itemFilter")} className="w-52" value={typed}
            onChange={(event) => { setTyped(event.target.value); if (event.target.value === "") set({ item: "" }); }}
            onBlur={() => { if (typed !== state.item) set({ item: typed }); }}
          />
        </form>
        <Select aria-label={common("status")} className="w-44" value={state.status} onChange={(event) => set({ status: event.target.value })}>
          <option value="">{t("anyStatus")}</option>
          {STATUSES.map((one) => <option key={one} value={one}>{common(one)}</option>)}
        </Select>
        {agents.length > 1 && (
          <Select aria-label={common("agent")} className="w-44" value={state.agent} onChange={(event) => set({ agent: event.target.value })}>
            <option value="">{common("anyAgent")}</option>
            {agents.map((one) => <option key={one} value={one}>{agentName(one)}</option>)}
          </Select>
        )}
        {personas.length > 1 && (
          <Select aria-label={t("persona")} className="w-44" value={state.persona} onChange={(event) => set({ persona: event.target.value })}>
            <option value="">{t("anyPersona")}</option>
            {personas.map((one) => <option key={one} value={one}>{personaName(one)}</option>)}
          </Select>
        )}
      </>}
      empty={<Empty icon={SearchX} title={t("noRuns")} action={<Button onClick={() => set(NONE)}>{t("clear")}</Button>}>{t("noRunsText")}</Empty>}
    />
  );
}

const TONES = { passed: "good", failed: "bad", error: "warn", skipped: "neutral" } as const;

/** What did not pass comes first: there is room for a few. */
function Scores({ run }: { run: Outcome }) {
  const order = { failed: 0, error: 1, passed: 2, skipped: 3 };
  const sorted = [...run.scores].sort((a, b) => order[a.status] - order[b.status]);
  return (
    <span className="flex gap-1 overflow-hidden" title={sorted.map((one) => `${one.name} ${score(one.score)}`).join(", ")}>
      {sorted.map((one) => <Badge key={one.name} tone={TONES[one.status]}>{one.name} {one.score === null ? "" : score(one.score)}</Badge>)}
    </span>
  );
}
