import { useCallback, useEffect, useRef, useState } from "react";
import { type Keep, withCall } from "./keep";
import { complaintsOf } from "./render";
import { newId } from "./state";
import { ask } from "./stream";
import type { Asked, Call, Outcome, Panel } from "./types";

/** A panel's last call. */
export interface Result {
  asked: Asked;
  outcome: Outcome;
  /** What the API says of fields; of messages, by entry. */
  complaints: ReadonlyMap<string, string>;
  /** The panel as it was then; another one has been changed since. */
  subject: Panel | null;
}

/** What is to be run. */
export interface Job {
  panel: Panel;
  letter: string;
  model: { id: string; name: string };
  asked: Asked;
  /** The entry that each message came from. */
  from: readonly string[];
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Calls of models, several at once, each with what came of it so far. Who leaves the page ends them. */
export function useRuns(keep: Keep) {
  const [calls, setCalls] = useState(() => keep.calls());
  const [results, setResults] = useState<Readonly<Record<string, Result>>>(() => lastOf(calls));
  const running = useRef(new Map<string, AbortController>());
  useEffect(() => {
    const controllers = running.current;
    return () => controllers.forEach((controller) => controller.abort());
  }, []);

  const stop = useCallback((panel?: string) => {
    for (const [id, controller] of running.current) if (panel === undefined || id === panel) controller.abort();
  }, []);

  const run = useCallback(async ({ panel: subject, letter, model, asked, from }: Job) => {
    const panel = subject.id;
    running.current.get(panel)?.abort();
    const controller = new AbortController();
    running.current.set(panel, controller);
    const isLatest = () => running.current.get(panel) === controller;
    const put = (outcome: Outcome, complaints = NONE) => {
      if (isLatest()) setResults((before) => ({ ...before, [panel]: { asked, outcome, complaints, subject } }));
    };
    put({ state: "running", text: "" });
    const { outcome, fields } = await ask(model.id, asked, controller.signal, (text) => put({ state: "running", text }));
    put(outcome, complaintsOf(fields, from));
    if (isLatest()) running.current.delete(panel);
    if (outcome.state === "failed") return;
    setCalls((before) => {
      const after = withCall(before, { id: newId(), panel, letter, model: model.name, at: Date.now(), asked, outcome });
      keep.saveCalls(after);
      return after;
    });
  }, [keep]);

  /** Forgets a panel's result: it was removed, or begins anew. */
  const forget = useCallback((panel: string) => {
    stop(panel);
    running.current.delete(panel);
    setResults(({ [panel]: _, ...rest }) => rest);
  }, [stop]);

  const forgetCalls = useCallback(() => {
    keep.saveCalls([]);
    setCalls([]);
  }, [keep]);

  return { results, calls, run, stop, forget, forgetCalls };
}

/** What each panel answered last, as the visit remembers it: it is there again after a reload. */
function lastOf(calls: readonly Call[]): Record<string, Result> {
  const found: Record<string, Result> = {};
  for (const { panel, asked, outcome } of calls) found[panel] ??= { asked, outcome, complaints: NONE, subject: null };
  return found;
}
