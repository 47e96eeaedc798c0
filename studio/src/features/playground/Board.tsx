import { useEffect, useMemo, useReducer, useRef, useState } from "react";
import { GitCompareArrows, History, Play, Plus, RotateCcw, Square } from "lucide-react";
import type { Model } from "@/features/models/kind";
import { useText } from "@/i18n";
import { shown, useShortcuts } from "@/lib/keyboard";
import { Kbd } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import type { Arrived } from "./arrive";
import { CompareSheet } from "./CompareSheet";
import { playgroundTexts } from "./i18n";
import { HistorySheet } from "./HistorySheet";
import type { Keep } from "./keep";
import { MissingNotice, Notice } from "./Notice";
import { PanelView } from "./PanelView";
import { askedOf, missingIn, rendered, schemaOf, usesOf } from "./render";
import { letterOf, MOST_PANELS, newPanel, newState, reduce } from "./state";
import type { Panel, State } from "./types";
import { useNarrow } from "./useNarrow";
import { type Job, useRuns } from "./useRuns";
import { Variables } from "./Variables";

/** How long nothing is typed before the page is kept. */
const QUIET_MS = 300;

/** The panels with what they share. */
export function Board({ initial, arrived, missing, models, keep, address, onChange }: {
  initial: State;
  arrived: Arrived | null;
  missing: boolean;
  models: readonly Model[];
  keep: Keep;
  /** What the address says now; when somebody else changes it, it is written anew. */
  address: string;
  onChange(state: State): void;
}) {
  const t = useText(playgroundTexts);
  const [state, dispatch] = useReducer(reduce, initial);
  const { results, calls, run, stop, forget, forgetCalls } = useRuns(keep);
  const narrow = useNarrow();
  const [chosen, setChosen] = useState(state.panels[0]?.id ?? "");
  const [sheet, setSheet] = useState<"compare" | "history" | null>(null);
  /** What has no value, and who was to be run nevertheless. */
  const [asking, setAsking] = useState<{ names: string[]; panels: string[] } | null>(null);
  const [local, setLocal] = useState<Readonly<Record<string, ReadonlyMap<string, string>>>>({});
  const uses = useMemo(() => usesOf(state), [state]);

  const save = useRef(onChange);
  save.current = onChange;
  useEffect(() => {
    const timer = setTimeout(() => save.current(state), QUIET_MS);
    return () => clearTimeout(timer);
  }, [state, address]);

  /** The calls of panels that can be made; what keeps the others from it stands at their fields. */
  const jobsOf = (panels: readonly Panel[]): Job[] => {
    const faults: Record<string, ReadonlyMap<string, string>> = {};
    const jobs = panels.flatMap((panel): Job[] => {
      const wrong = new Map<string, string>();
      const model = models.find((one) => one.id === panel.model);
      if (!model) wrong.set("/model", t("chooseModel"));
      if (schemaOf(panel.settings.schema) === null) wrong.set("/response_schema", t("badSchema"));
      faults[panel.id] = wrong;
      const { from } = rendered(panel, state);
      return model && wrong.size === 0 ? [{ panel, letter: letterOf(state.panels.indexOf(panel)), model, asked: askedOf(panel, state), from }] : [];
    });
    setLocal((before) => ({ ...before, ...faults }));
    return jobs;
  };
  const runPanels = (panels: readonly Panel[], anyway = false) => {
    const names = [...new Set(panels.flatMap((panel) => missingIn(panel, state)))];
    if (names.length > 0 && !anyway) return setAsking({ names, panels: panels.map((panel) => panel.id) });
    setAsking(null);
    for (const job of jobsOf(panels)) void run(job);
  };
  const isRunning = (panel: Panel) => results[panel.id]?.outcome.state === "running";
  const running = state.panels.some(isRunning);
  const idle = state.panels.filter((panel) => !isRunning(panel));
  const runAll = () => runPanels(idle);
  useShortcuts([
    { keys: "Mod+Enter", label: { en: "Run all panels", vi: "Chạy mọi khung" }, whileTyping: true, run: runAll },
    { keys: "Mod+.", label: { en: "Stop all panels", vi: "Dừng mọi khung" }, whileTyping: true, run: () => stop() },
  ]);

  const startOver = () => {
    const before = state;
    stop();
    dispatch({ do: "replace", state: newState(newPanel({ model: state.panels[0]?.model ?? null })) });
    setAsking(null);
    toast(t("startedOver"), { undo: () => dispatch({ do: "replace", state: before }) });
  };
  // A call that a panel still shows is one answer, not two.
  const answers = new Set([...state.panels.map((panel) => results[panel.id]?.outcome), ...calls.map((call) => call.outcome)].filter((outcome) => outcome && outcome.text !== "")).size;
  const open = state.panels.find((panel) => panel.id === chosen) ?? state.panels[0];
  const view = (panel: Panel) => (
    <PanelView
      key={panel.id} panel={panel} index={state.panels.indexOf(panel)} count={state.panels.length} state={state} models={models} dispatch={dispatch}
      result={results[panel.id] ?? null} faults={local[panel.id]} onRun={() => runPanels([panel])} onStop={() => stop(panel.id)}
      onRemove={() => { forget(panel.id); dispatch({ do: "remove", panel: panel.id }); }}
    />
  );
  return (
    <Page
      title={t("playground")}
      description={t("about")}
      actions={<>
        {running
          ? <Button variant="danger" onClick={() => stop()}><Square aria-hidden />{t("stopAll")}</Button>
          : <Button variant="primary" onClick={runAll}><Play aria-hidden />{state.panels.length > 1 ? t("runAll") : t("run")}<span aria-hidden className="hidden opacity-80 sm:inline">{shown("Mod+Enter")}</span></Button>}
        <Button disabled={state.panels.length >= MOST_PANELS} onClick={() => dispatch({ do: "add" })}><Plus aria-hidden />{t("addPanel")}</Button>
        <Button disabled={answers < 2} onClick={() => setSheet("compare")}><GitCompareArrows aria-hidden />{t("compare")}</Button>
        <Button variant="ghost" disabled={calls.length === 0} onClick={() => setSheet("history")}><History aria-hidden />{t("history")}</Button>
        <Button variant="ghost" onClick={startOver}><RotateCcw aria-hidden />{t("startOver")}</Button>
      </>}
    >
      <div className="grid grid-cols-1 gap-4">
        <Notice arrived={arrived} missing={missing} />
        {asking && (
          <MissingNotice names={asking.names} onClose={() => setAsking(null)} onRun={() => runPanels(state.panels.filter((panel) => asking.panels.includes(panel.id)), true)} />
        )}
        {uses.length > 0 && <Variables uses={uses} state={state} dispatch={dispatch} />}
        {narrow && state.panels.length > 1 && open
          ? (
            <Tabs
              label={t("panels")} value={open.id} onChange={setChosen}
              tabs={state.panels.map((panel, index) => ({
                value: panel.id,
                label: <>{t("panel", { letter: letterOf(index) })}{isRunning(panel) && <span className="ml-1.5 inline-block size-2 animate-pulse rounded-full bg-copper" role="img" aria-label={t("answering")} />}</>,
              }))}
            >
              {view(open)}
            </Tabs>
          )
          : <div className="grid auto-cols-[minmax(19rem,1fr)] grid-flow-col items-start gap-3 overflow-x-auto pb-2 max-sm:auto-cols-[100%]">{state.panels.map(view)}</div>}
        <p className="text-xs text-muted"><Kbd>{shown("Mod+Enter")}</Kbd> {t("keysRun")} <Kbd>{shown("Mod+.")}</Kbd> {t("keysStop")}</p>
      </div>
      {sheet === "compare" && <CompareSheet panels={state.panels} results={results} calls={calls} models={models} onClose={() => setSheet(null)} />}
      {sheet === "history" && <HistorySheet calls={calls} panels={state.panels} dispatch={dispatch} onForget={() => { forgetCalls(); setSheet(null); }} onClose={() => setSheet(null)} />}
    </Page>
  );
}
