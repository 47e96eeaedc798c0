import { useMemo, useState } from "react";
import { ArrowLeft, Radio } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { cost, duration } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Facts } from "@/ui/section";
import { ErrorState } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { Canvas, NOTHING_SELECTED, type Selection } from "../editor/Canvas";
import { usePositions } from "../editor/useGraphEditor";
import type { Graph } from "../graph/model";
import { outer } from "../graph/path";
import { runTexts } from "../i18n-run";
import type { Scenario } from "../kind";
import { Compare } from "./Compare";
import { type Run, useCheckpoints, useComparison, useProgress } from "./data";
import { History } from "./History";
import { looksAt, looksOfComparison, looksOfProgress, nodesBefore } from "./looks";
import { Question } from "./Question";
import { RUN_STATE } from "./RunPart";
import { StatusBadge } from "./StatusBadge";
import { Steps } from "./Steps";
import { Talk } from "./Talk";

const EMPTY: Graph = { start: "", nodes: [], edges: [], max_steps: 100 };
const PARTS = ["steps", "talk", "history", "compare"] as const;

/** A run on the graph of its scenario: where it is, where it was, and how else it could go. */
export function RunView({ run, item, onLeave }: { run: Run; item: Scenario; onLeave(): void }) {
  const t = useText(runTexts);
  const [state, setState] = useUrlState(RUN_STATE);
  const [selection, select] = useState<Selection>(NOTHING_SELECTED);
  const { progress, state: stream, error } = useProgress(run.run_id);
  const checkpoints = useCheckpoints(run.run_id);
  const part = PARTS.find((one) => one === state.part) ?? "steps";
  const other = part === "compare" && state.with ? state.with : null;
  const comparison = useComparison(run.run_id, other);
  const graph = (item.graph as Graph | undefined) ?? EMPTY;
  const positions = usePositions(graph);
  const asks = (run.waits?.length ?? 0) > 0 || run.status === "paused";
  const hasGraph = graph.nodes.length > 0;

  const at = part === "history" ? state.at : "";
  // A fork's path begins where it parted: what came before was the original's, and is both's.
  const parted = comparison.data?.parted_at ?? null;
  const shared = useMemo(() => (parted ? nodesBefore(parted, checkpoints.data ?? []) : []), [parted, checkpoints.data]);
  const [nodeLook, edgeLook] = useMemo(() => {
    if (other && comparison.data) return looksOfComparison(comparison.data, shared, graph, { original: t("original"), fork: t("forkWord") });
    if (at && checkpoints.data) return looksAt(at, checkpoints.data, graph);
    return looksOfProgress(progress, graph);
  }, [other, comparison.data, shared, at, checkpoints.data, progress, graph, t]);
  const open = (id: string, more: Partial<typeof RUN_STATE> = {}) => setState({ run: id, part: "steps", at: "", with: "", ...more }, { push: true });
  const stale = hasGraph && progress.path.map(outer).some((node) => !node.includes(":") && !node.startsWith("__") && !graph.nodes.some((one) => one.id === node));

  return (
    <div className="grid gap-3">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button size="sm" onClick={onLeave}><ArrowLeft aria-hidden />{t("ofCampaign")}</Button>
        <span role="status"><StatusBadge status={run.status} /></span>
        {stream === "live" && <span className="flex items-center gap-1 text-xs text-accent"><Radio aria-hidden className="size-3.5 animate-pulse" />{t("live")}</span>}
        {stream === "waiting" && !progress.ended && <span className="text-xs text-muted">{t("reconnecting")}</span>}
        <Facts facts={[[t("turns"), run.turns || run.messages.filter((message) => message.role === "user").length], [t("duration"), duration(run.latency_ms)], [t("cost"), cost(run.cost_usd)]]} />
        {run.forked_from && (
          <span className="flex items-center gap-2 text-xs text-muted">
            {t("forkOf", { n: Math.max(Number(run.forked_at) - 1, 0) })}
            <Button size="sm" onClick={() => run.forked_from && open(run.forked_from, { part: "compare", with: run.run_id })}>{t("toOriginal")}</Button>
          </span>
        )}
      </header>
      {stale && <p className="text-xs text-warn">{t("stale")}</p>}
      {error != null && <ErrorState error={error} />}
      <Question run={run} />
      <div className={hasGraph ? cx("card grid grid-cols-[minmax(0,1fr)] overflow-hidden lg:min-h-[27rem] lg:grid-cols-[minmax(0,1fr)_24rem]", asks ? "lg:h-[calc(100dvh-21.5rem)]" : "lg:h-[calc(100dvh-12.5rem)]") : "card max-w-4xl overflow-hidden"}>
        {hasGraph && (
          <div className="relative min-h-0 max-lg:h-[26rem]">
            <Canvas label={t("canvasRun")} graph={graph} positions={positions} selection={selection} onSelect={select} nodeLook={nodeLook} edgeLook={edgeLook} />
          </div>
        )}
        <div data-panel className="min-h-0 overflow-y-auto border-line bg-surface px-4 pb-4 max-lg:border-t lg:border-l">
          <Tabs
            label={t("runParts")}
            value={part}
            onChange={(next) => setState({ part: next, at: "" })}
            tabs={[{ value: "steps", label: t("stepsTab") }, { value: "talk", label: t("talkTab") }, { value: "history", label: t("historyTab") }, { value: "compare", label: t("compareTab") }]}
          >
            {part === "steps" && <Steps progress={progress} selected={selection.nodes} onSelect={(node) => select({ nodes: new Set([node]), edges: new Set() })} />}
            {part === "talk" && <Talk messages={run.messages} said={[...progress.said.values()].at(-1)} />}
            {part === "history" && <History run={run} checkpoints={checkpoints} at={state.at} onAt={(next) => setState({ at: next })} onForked={(id) => open(run.run_id, { part: "compare", with: id })} />}
            {part === "compare" && <Compare run={run} shared={shared} other={state.with} comparison={comparison} onOther={(id) => setState({ with: id })} onOpen={(id) => open(id)} />}
          </Tabs>
        </div>
      </div>
    </div>
  );
}
