import { useCallback, useEffect, useMemo, useState } from "react";
import { address, type Query, type Schemas } from "@/api/client";
import { useEvents } from "@/api/useEvents";

/** A trace as lists show it. */
export type Trace = Schemas["TraceShown"];

/** As many as are kept; older ones are in the list itself. */
const KEPT = 500;

/** Traces that came in since it was switched on, the newest first. */
export function useLive(on: boolean, query: Query) {
  const [fresh, setFresh] = useState<ReadonlyMap<string, Trace>>(new Map());
  const [skipped, setSkipped] = useState(0);
  const [error, setError] = useState<unknown>(null);
  // What comes in now is newer than any end of the time that was chosen.
  const path = on ? address("/api/v1/live/traces", { ...query, from: null, to: null }) : null;
  useEffect(() => {
    // What came in stays in sight when the watching ends; another question begins anew.
    if (path === null) return;
    setFresh(new Map());
    setSkipped(0);
    setError(null);
  }, [path]);
  const forget = useCallback((ids: Iterable<string>) => setFresh((before) => {
    const next = new Map(before);
    for (const id of ids) next.delete(id);
    return next;
  }), []);
  const state = useEvents(path, {
    onEvent: ({ type, data }) => {
      const body = JSON.parse(data) as Trace & { traces?: number };
      if (type === "skipped") return setSkipped((before) => before + (body.traces ?? 0));
      if (type !== "trace") return;
      setFresh((before) => {
        const next = new Map(before).set(body.id, body);
        const oldest = next.size > KEPT ? next.keys().next().value : undefined;
        if (oldest !== undefined) next.delete(oldest);
        return next;
      });
    },
    onError: setError,
  });
  return { fresh, skipped, error, state, forget };
}

/** The rows of a list with what came in since, newest first; what is in both is shown as it is now. */
export function useMerged(rows: readonly Trace[], fresh: ReadonlyMap<string, Trace>): readonly Trace[] {
  return useMemo(() => merged(rows, fresh), [rows, fresh]);
}

/** {@link useMerged} outside of a component. */
export function merged(rows: readonly Trace[], fresh: ReadonlyMap<string, Trace>): readonly Trace[] {
  if (fresh.size === 0) return rows;
  const known = new Set(rows.map((one) => one.id));
  const added = [...fresh.values()].filter((one) => !known.has(one.id));
  return [...added, ...rows.map((one) => fresh.get(one.id) ?? one)].sort((a, b) => b.timestamp.localeCompare(a.timestamp));
}
