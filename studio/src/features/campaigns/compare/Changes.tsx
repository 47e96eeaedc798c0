import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { usePages } from "@/api/pages";
import type { Schemas } from "@/api/client";
import { useText } from "@/i18n";
import { score } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { type Column, DataTable } from "@/ui/data-table";
import { Select } from "@/ui/input";
import { Empty, ErrorState, Loading } from "@/ui/states";
import { type Campaign, useItemName, useNames } from "../data";
import type { Asked } from "./ComparePage";
import { compareTexts } from "./i18n";
import { signed } from "./words";

type Change = Schemas["ItemChange"];

const DIRECTIONS = [["worsened", "worsenedOnly", "bad"], ["improved", "improvedOnly", "good"], ["unchanged", "unchanged", "neutral"], ["gone", "gone", "warn"], ["new", "new", "info"]] as const;

/** How each item fared on both sides, what got worse first. */
export function Changes({ campaign, asked, metrics }: { campaign: Campaign; asked: Asked; metrics: readonly string[] }) {
  const t = useText(compareTexts);
  const [state, set] = useUrlState({ metric: "", direction: "" });
  const list = usePages<Change>({
    key: ["campaigns", "changes", campaign.id],
    path: `/api/v1/campaigns/${encodeURIComponent(campaign.id)}/changes`,
    query: { baseline: asked.baseline, agent_id: asked.agent, baseline_agent_id: asked.baselineAgent, scores: asked.scores, metric: state.metric, direction: state.direction },
  });
  const itemName = useItemName(campaign, list.rows);
  const personaName = useNames("personas", list.rows.map((row) => row.persona_id));
  const columns = useMemo<Column<Change>[]>(() => [
    { id: "item", header: t("item"), grow: true, width: 220, cell: (row) => <span className="font-medium">{[itemName(row.item_key), personaName(row.persona_id)].filter(Boolean).join(" · ")}</span> },
    { id: "direction", header: t("direction"), width: 170, cell: (row) => { const found = DIRECTIONS.find(([name]) => name === row.direction); return found && <Badge dot tone={found[2]}>{t(found[1])}</Badge>; } },
    { id: "before", header: t("before"), width: 100, align: "end", cell: (row) => score(row.baseline) },
    { id: "after", header: t("after"), width: 100, align: "end", cell: (row) => score(row.candidate) },
    { id: "difference", header: t("difference"), width: 100, align: "end", cell: (row) => (row.difference === null ? "–" : <span className={row.difference < 0 ? "text-bad" : row.difference > 0 ? "text-good" : "text-muted"}>{signed(row.difference, false)}</span>) },
    {
      id: "runs", header: t("openRun"), width: 250,
      cell: (row) => (
        <span className="flex gap-3">
          {row.baseline_runs[0] && <Link to={`/runs/${row.baseline_runs[0]}`} className="text-accent hover:underline">{t("before")}</Link>}
          {row.candidate_runs[0] && <Link to={`/runs/${row.candidate_runs[0]}`} className="text-accent hover:underline">{t("after")}</Link>}
          {row.baseline_runs[0] && row.candidate_runs[0] && <Link to={`/runs/${row.baseline_runs[0]}`} search={{ tab: "forks", with: row.candidate_runs[0] } as never} className="text-accent hover:underline">{t("bothRuns")}</Link>}
        </span>
      ),
    },
  ], [t, itemName, personaName]);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  return (
    <section aria-label={t("changes")} className="grid gap-2">
      <h2 className="font-semibold">{t("changes")}</h2>
      <DataTable
        name="campaign-changes" label={t("changes")} rows={list.rows} columns={columns} rowId={(row) => `${row.item_key} ${row.persona_id ?? ""}`}
        onEnd={() => void list.fetchNextPage()} hasMore={list.hasNextPage} loadingMore={list.isFetchingNextPage}
        toolbar={<>
          <Select aria-label={t("metric")} className="w-52" value={state.metric} onChange={(event) => set({ metric: event.target.value })}>
            <option value="">{t("wholeRun")}</option>
            {metrics.map((one) => <option key={one} value={one}>{one}</option>)}
          </Select>
          <Select aria-label={t("direction")} className="w-48" value={state.direction} onChange={(event) => set({ direction: event.target.value })}>
            <option value="">{t("anyDirection")}</option>
            {DIRECTIONS.map(([name, label]) => <option key={name} value={name}>{t(label)}</option>)}
          </Select>
        </>}
        empty={<Empty title={t("noChanges")} />}
      />
    </section>
  );
}
