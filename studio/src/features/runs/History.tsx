import { useQuery } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "@/api/client";
import { usePages } from "@/api/pages";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { exactTime } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { JsonView } from "@/ui/json-view";
import { Empty, ErrorState, Loaded, Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import type { Run } from "./data";
import { EditState } from "./EditState";
import { runTexts } from "./i18n";
import { Patch } from "./Patch";

type Checkpoint = Schemas["CheckpointShown"];

/** The checkpoints of a run: the state at any, what changed, and the way back into it. */
export function History({ run }: { run: Run }) {
  const t = useText(runTexts);
  const mayRun = useMay("campaigns_run");
  const id = run.run_id;
  const [state, set] = useUrlState({ checkpoint: "", against: "", view: "changes" });
  const list = usePages<Checkpoint>({ key: ["runs", "checkpoints", id], path: `/api/v1/runs/${encodeURIComponent(id)}/checkpoints`, refetchInterval: run.status === "running" ? 3000 : false });
  const chosen = state.checkpoint || list.rows[0]?.id || "";
  const view = state.view === "state" || (state.view === "edit" && mayRun) ? state.view : "changes";
  const one = useQuery({
    queryKey: ["runs", "checkpoint", id, chosen],
    queryFn: () => unwrap(api.GET("/api/v1/runs/{id}/checkpoints/{checkpoint}", { params: { path: { id, checkpoint: chosen } } })),
    enabled: chosen !== "",
    staleTime: Infinity,
  });
  const diff = useQuery({
    queryKey: ["runs", "diff", id, chosen, state.against],
    queryFn: () => unwrap(api.GET("/api/v1/runs/{id}/diff", { params: { path: { id }, query: { to: chosen, ...(state.against ? { from: state.against } : {}) } } })),
    enabled: chosen !== "" && view === "changes",
    staleTime: Infinity,
  });
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  if (list.rows.length === 0) return <div className="card"><Empty /></div>;
  const tabs = [{ value: "changes", label: t("changes") }, { value: "state", label: t("state") }, ...(mayRun ? [{ value: "edit", label: t("editFork") }] : [])];
  return (
    <div className="grid gap-4 lg:grid-cols-[18rem_minmax(0,1fr)]">
      <ol aria-label={t("checkpoints")} className="card max-h-[40rem] self-start overflow-y-auto p-1">
        {list.rows.map((point, index) => (
          <li key={point.id}>
            <button
              type="button" aria-pressed={point.id === chosen} onClick={() => set({ checkpoint: point.id }, { push: true })}
              className={cx("grid w-full gap-0.5 rounded-md px-3 py-1.5 text-left hover:bg-sunken", point.id === chosen && "bg-accent-soft")}
            >
              <span className="flex items-center gap-2 text-sm font-medium">
                {point.step === -1 ? t("beginning") : t("step", { n: point.step ?? index })}
                {index === 0 && <Badge tone="accent">{t("newest")}</Badge>}
                {(point.source === "update" || point.source === "fork") && <Badge tone="warn">{t(`source_${point.source}`)}</Badge>}
              </span>
              <span className="truncate text-xs text-muted" title={exactTime(point.metadata.at as string | undefined)}>{point.next.length > 0 ? t("then", { nodes: point.next.join(", ") }) : t("atEnd")}</span>
              {point.tasks.some((task) => task.error) && <span className="truncate text-xs text-warn">{String(point.tasks.find((task) => task.error)?.error?.message ?? "")}</span>}
            </button>
          </li>
        ))}
        {list.hasNextPage && <li><Button variant="ghost" size="sm" className="w-full" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>…</Button></li>}
      </ol>
      <Tabs label={t("checkpoints")} value={view} onChange={(next) => set({ view: next }, { push: true })} tabs={tabs}>
        {view === "state" && <Loaded query={one}>{(data) => <JsonView key={data.id} value={data.values ?? {}} open={1} label={t("state")} />}</Loaded>}
        {view === "edit" && <Loaded query={one}>{(data) => <EditState key={data.id} run={run} checkpoint={data} />}</Loaded>}
        {view === "changes" && (
          <div className="grid gap-3">
            <label className="flex items-center gap-2 text-sm text-muted">
              {t("against")}
              <select className="control h-7 px-2" value={state.against} onChange={(event) => set({ against: event.target.value })}>
                <option value="">{t("previous")}</option>
                {list.rows.filter((point) => point.id !== chosen).map((point) => <option key={point.id} value={point.id}>{point.step === -1 ? t("beginning") : t("step", { n: point.step ?? 0 })}</option>)}
              </select>
            </label>
            <Loaded query={diff}>{(data) => <Patch patch={data.patch} />}</Loaded>
          </div>
        )}
      </Tabs>
    </div>
  );
}
