import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, unwrap } from "@/api/client";
import { useUrlState } from "@/lib/url-state";
import { Loading, Loaded } from "@/ui/states";
import type { Scenario } from "../kind";
import type { SaveState } from "../ScenarioEditor";
import { useRun } from "./data";
import { RunView } from "./RunView";
import { StartRun } from "./StartRun";

/** What a link to a run holds: the campaign or the run, the part, the checkpoint, the run that it is compared with. */
export const RUN_STATE = { campaign: "", run: "", part: "steps", at: "", with: "" };

/** Runs of the scenario: start one, watch it on the graph, go back in it. */
export default function RunPart({ item, save }: { item: Scenario; save: SaveState }) {
  const [state, setState] = useUrlState(RUN_STATE);
  const leave = useCallback(() => setState({ campaign: "", run: "", part: "steps", at: "", with: "" }, { push: true }), [setState]);
  if (state.run) return <Shown key={state.run} id={state.run} item={item} onLeave={leave} />;
  if (state.campaign) return <Awaited campaign={state.campaign} item={item} onRun={(run) => setState({ run, campaign: "" })} />;
  return <StartRun item={item} save={save} onStarted={(campaign) => setState({ campaign }, { push: true })} />;
}

/** A campaign's run is there a moment after the campaign. */
function Awaited({ campaign, item, onRun }: { campaign: string; item: Scenario; onRun(run: string): void }) {
  const runs = useQuery({
    queryKey: ["runs", "of-campaign", campaign],
    queryFn: async ({ signal }) => {
      const { data } = await unwrap(api.GET("/api/v1/campaigns/{id}/runs", { params: { path: { id: campaign }, query: { item_key: item.id, limit: 1 } }, signal }));
      const [first] = data;
      if (first) onRun(first.run_id);
      return first ?? null;
    },
    refetchInterval: 700,
    gcTime: 0,
  });
  return <Loaded query={runs}>{() => <Loading />}</Loaded>;
}

function Shown({ id, item, onLeave }: { id: string; item: Scenario; onLeave(): void }) {
  const run = useRun(id);
  return <Loaded query={run}>{(data) => <RunView run={data} item={item} onLeave={onLeave} />}</Loaded>;
}
