import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { StreamEvent } from "@/api/events";
import { useEvents } from "@/api/useEvents";
import { useProgress } from "../data";

/** An event of a campaign or a run, as its JSON has it. */
export interface Told {
  event: string;
  id: string;
  at?: string;
  run_id?: string;
  node?: string;
  [field: string]: unknown;
}

/** More events are not kept in the page. */
export const MOST_EVENTS = 2000;
/** Events come in bursts: the page is drawn once for many. */
const DRAW_MS = 250;
/** Rows are asked for again no more often than this; many of them more rarely, for all that were read are read again. */
const REFRESH_MS = 3000;
const REFRESH_MANY_MS = 20_000;
const MANY_PAGES = 5;

/** What a stream says, read; null for what is no JSON. */
export function toldOf(event: StreamEvent): Told | null {
  try {
    return { ...(JSON.parse(event.data) as Record<string, unknown>), event: event.type, id: event.id };
  } catch {
    return null;
  }
}

/** What happens in a campaign, the oldest first; counts and rows on the page follow it. */
export function useCampaignEvents(id: string, enabled: boolean) {
  const client = useQueryClient();
  const progress = useProgress(id);
  const [events, setEvents] = useState<Told[]>([]);
  const [skipped, setSkipped] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // Once begun it is followed to its end: a second beginning would tell everything twice.
  const [begun, setBegun] = useState(enabled);
  if (enabled && !begun) setBegun(true);
  const waiting = useRef<Told[]>([]);
  const drawTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const refreshTimer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const draw = useCallback(() => {
    drawTimer.current = undefined;
    const more = waiting.current;
    waiting.current = [];
    setEvents((before) => {
      const all = [...before, ...more];
      if (all.length > MOST_EVENTS) setSkipped(true);
      return all.slice(-MOST_EVENTS);
    });
  }, []);
  const refresh = useCallback(() => {
    const pages = client.getQueryData<{ pages: unknown[] }>(["campaigns", "runs", id, {}])?.pages.length ?? 0;
    refreshTimer.current ??= setTimeout(() => {
      refreshTimer.current = undefined;
      void client.invalidateQueries({ queryKey: ["campaigns", "runs", id] });
    }, pages > MANY_PAGES ? REFRESH_MANY_MS : REFRESH_MS);
  }, [client, id]);
  useEffect(() => () => {
    clearTimeout(drawTimer.current);
    clearTimeout(refreshTimer.current);
    refreshTimer.current = undefined;
  }, []);

  const state = useEvents(begun ? `/api/v1/campaigns/${encodeURIComponent(id)}/events` : null, {
    onEvent(event) {
      const told = toldOf(event);
      if (!told || told.event === "token" || told.event === "end") return;
      if (told.event === "skipped") return setSkipped(true);
      waiting.current.push(told);
      drawTimer.current ??= setTimeout(draw, DRAW_MS);
      if (told.event === "campaign_progress") progress(told as never);
      if (told.event === "run_finished" || told.event === "waiting") refresh();
      if (told.event === "campaign_completed" || told.event === "campaign_cancelled") {
        void client.invalidateQueries({ queryKey: ["campaigns"] });
      }
    },
    isLast: (event) => event.type === "end",
    onError: setError,
  });
  return { events, skipped, error, state };
}
