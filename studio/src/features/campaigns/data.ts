import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import { api, request, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { messageOf } from "@/ui/states";
import { toastError } from "@/ui/toast";
import { commonTexts } from "./i18n";

/** A campaign as the API shows it. */
export type Campaign = Schemas["Campaign"];
/** What came of one run, without its conversation. */
export type Outcome = Schemas["ItemOutcome"];
/** What came of one metric. */
export type Result = Schemas["MetricResult"];
/** Where a run stands. */
export type RunStatus = Schemas["RunStatus"];

/** Whether anything of it may still happen. */
export const isOpen = ({ status }: Pick<Campaign, "status">) => status === "queued" || status === "running" || status === "paused";

/** How many runs have ended, in whatever way. */
export const doneOf = ({ passed, failed, error, cancelled }: Schemas["CampaignSummary"]) => passed + failed + error + cancelled;

/** How long it took, or takes so far. */
export const tookMs = ({ created_at, finished_at }: Pick<Campaign, "created_at" | "finished_at">, now = Date.now()) =>
  (finished_at ? Date.parse(finished_at) : now) - Date.parse(created_at);

/** The agents of a campaign, whichever way it names them. */
export const agentsOf = (spec: Pick<Schemas["CampaignSpecInput"], "agent_id" | "agents">): Schemas["AgentVersion"][] =>
  spec.agents?.length ? spec.agents : spec.agent_id ? [{ id: spec.agent_id }] : [];

/**
 * The agents that one may choose among where results are those of one agent, and which one it is: nothing where there is only
 * one, which the API takes by itself.
 */
export function armOf(campaign: Pick<Campaign, "spec"> | undefined, chosen: string, otherwise = 0): { agents: string[]; agent: string } {
  const agents = campaign ? [...new Set(agentsOf(campaign.spec).map((one) => one.id))] : [];
  return { agents, agent: agents.length > 1 ? (agents.includes(chosen) ? chosen : agents[otherwise] ?? "") : "" };
}

const campaignKey = (id: string) => ["campaigns", "one", id] as const;

/** One campaign; while it goes on it is asked for again, for those whose stream of events is cut off. */
export const useCampaign = (id: string, enabled = true) =>
  useQuery({
    queryKey: campaignKey(id),
    queryFn: () => unwrap(api.GET("/api/v1/campaigns/{id}", { params: { path: { id } } })),
    enabled: enabled && id !== "",
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? 10_000 : false),
  });

/** Rows of one page; the most that the API gives. */
const PAGE = 200;

/**
 * All runs of a campaign, read one page after the other up to `most`. `complete` says whether these are all.
 * Figures of a campaign are computed of them: the API has none by metric.
 */
export function useAllRuns(id: string, most: number) {
  const pages = usePages<Outcome>({ key: ["campaigns", "runs", id], path: `/api/v1/campaigns/${encodeURIComponent(id)}/runs`, limit: PAGE });
  const { hasNextPage, isFetching, isError, fetchNextPage, rows } = pages;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && rows.length < most) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, rows.length, most, fetchNextPage]);
  return { ...pages, complete: pages.data !== undefined && !hasNextPage };
}

/** Kinds whose names are shown in place of their ids. */
type Named = "agents" | "models" | "datasets" | "scenarios" | "personas";

/** Names by id. What was deleted, or may not be read, keeps its id. */
export function useNames(kind: Named, ids: readonly (string | null | undefined)[]): (id: string | null | undefined) => string {
  const all = [...new Set(ids.filter((id): id is string => Boolean(id)))].slice(0, 100).join(" ");
  // Who may see campaigns alone sees ids.
  const mayRead = useMay("resources_read");
  const wanted = useMemo(() => (all === "" || !mayRead ? [] : all.split(" ")), [all, mayRead]);
  const found = useQueries({
    queries: wanted.map((id) => ({
      queryKey: [kind, "name", id],
      queryFn: async () => (await request<{ name: string }>("GET", `/api/v1/${kind}/${encodeURIComponent(id)}`)).data.name,
      staleTime: 300_000,
      retry: false,
    })),
    // A plain object is kept as long as it says the same, and so is what reads it.
    combine: useCallback((results: { data: string | undefined }[]) => Object.fromEntries(results.map((result, index) => [wanted[index] ?? "", result.data])), [wanted]),
  });
  return useCallback((id) => (id ? found[id] ?? id : ""), [found]);
}

/** What items of a campaign are called: their keys, or the names of the scenarios that stand in their place. */
export const useItemName = (campaign: Pick<Campaign, "spec"> | undefined, rows: readonly Pick<Outcome, "item_key">[]) =>
  useNames("scenarios", rows.map((row) => row.item_key).filter((key) => campaign?.spec.scenario_ids?.includes(key)));

/** Something to pick by name. */
export interface Choice {
  id: string;
  name: string;
  description?: string;
}

/** The first two hundred of a kind, by name, or those that match what was typed. */
export function useChoices<T extends Choice>(kind: string, q = "", enabled = true) {
  return usePages<T>({ key: [kind, "choices"], path: `/api/v1/${kind}`, query: { sort: "name", q: q || null }, limit: PAGE, enabled });
}

/** Something done to a campaign that answers with it. */
export function useCampaignAction<V>(act: (id: string, given: V) => Promise<Campaign>) {
  const client = useQueryClient();
  const t = useText(commonTexts);
  return useMutation({
    mutationFn: ({ id, given }: { id: string; given: V }) => act(id, given),
    onSuccess: (campaign) => {
      client.setQueryData(campaignKey(campaign.id), campaign);
      void client.invalidateQueries({ queryKey: ["campaigns"] });
    },
    onError: (error) => toastError(messageOf(error, t("failedAct"))),
  });
}

/** What can be asked of a campaign. */
export const acts = {
  pause: (id: string) => unwrap(api.POST("/api/v1/campaigns/{id}/pause", { params: { path: { id } } })),
  cancel: (id: string) => unwrap(api.POST("/api/v1/campaigns/{id}/cancel", { params: { path: { id } } })),
  resume: (id: string, budget: Schemas["Budget"] | null) =>
    unwrap(api.POST("/api/v1/campaigns/{id}/resume", { params: { path: { id } }, body: budget ? { budget } : {} })),
  rerun: (id: string, only: Schemas["RerunOnly"]) =>
    unwrap(api.POST("/api/v1/campaigns/{id}/rerun", { params: { path: { id } }, body: { only } })),
  /** The same settings, with what was recorded in place of agents and models. */
  replay: (id: string, spec: Schemas["CampaignSpec"]) =>
    unwrap(api.POST("/api/v1/campaigns", { body: { ...spec, record: false, replay_of: id } as never })),
};

/** Takes counts out of an event of progress into what is shown. */
export function useProgress(id: string) {
  const client = useQueryClient();
  return (told: Partial<Pick<Campaign, "summary" | "pass_rate" | "verdict">>) =>
    client.setQueryData<Campaign>(campaignKey(id), (before) => before && {
      ...before,
      ...(told.summary ? { summary: told.summary } : {}),
      ...(told.pass_rate !== undefined ? { pass_rate: told.pass_rate } : {}),
      ...(told.verdict !== undefined ? { verdict: told.verdict } : {}),
      ...(before.status === "queued" && told.summary ? { status: "running" as const } : {}),
    });
}
