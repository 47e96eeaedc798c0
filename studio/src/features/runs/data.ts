import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, type Schemas, unwrap } from "@/api/client";
import { useEvents } from "@/api/useEvents";
import { MOST_EVENTS, type Told, toldOf } from "@/features/campaigns/detail/useCampaignEvents";

/** A run with its conversation. */
export type Run = Schemas["Run"];

/** Whether anything of it may still happen. */
export const goesOn = ({ status }: Pick<Run, "status">) => ["queued", "running", "waiting_for_person", "paused"].includes(status);

/** One run; asked for again while it goes on, for those whose stream is cut off. */
export const useRun = (id: string, enabled = true) =>
  useQuery({
    queryKey: ["runs", "one", id],
    queryFn: () => unwrap(api.GET("/api/v1/runs/{id}", { params: { path: { id } } })),
    enabled,
    refetchInterval: ({ state }) => (state.data && goesOn(state.data) ? 5000 : false),
  });

/** An answer as far as it was told. */
export interface Streaming {
  node: string;
  text: string;
}

const DRAW_MS = 120;

/** What happens in a run, the oldest first, and the answer that is under way. `null` follows none. */
export function useRunEvents(id: string | null) {
  const client = useQueryClient();
  const [told, setTold] = useState<{ run: string | null; events: Told[]; streaming: Streaming | null; skipped: boolean; error: unknown }>(
    { run: id, events: [], streaming: null, skipped: false, error: null },
  );
  const gathered = useRef({ events: [] as Told[], streaming: null as Streaming | null, skipped: false, stale: false });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    gathered.current = { events: [], streaming: null, skipped: false, stale: false };
    setTold({ run: id, events: [], streaming: null, skipped: false, error: null });
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [id]);
  const draw = useCallback(() => {
    timer.current = undefined;
    const { events, streaming, skipped, stale } = gathered.current;
    gathered.current.stale = false;
    setTold({ run: id, events: [...events], streaming, skipped, error: null });
    if (stale) void client.invalidateQueries({ queryKey: ["runs", "one", id] });
  }, [client, id]);
  const state = useEvents(id ? `/api/v1/runs/${encodeURIComponent(id)}/events` : null, {
    onEvent(event) {
      const one = toldOf(event);
      const now = gathered.current;
      if (!one || one.event === "end") return;
      if (one.event === "token") now.streaming = withToken(now.streaming, one as unknown as { node: string; offset: number; text: string });
      else if (one.event === "skipped") now.skipped = true;
      else {
        now.events.push(one);
        if (now.events.length > MOST_EVENTS) {
          now.events.shift();
          now.skipped = true;
        }
        if (["agent_answered", "node_failed", "node_retried"].includes(one.event)) now.streaming = null;
        if (["user_said", "agent_answered", "scored", "waiting", "answered", "run_finished", "state_edited"].includes(one.event)) now.stale = true;
      }
      timer.current ??= setTimeout(draw, DRAW_MS);
    },
    isLast: (event) => event.type === "end",
    onError: (error) => setTold((before) => ({ ...before, error })),
  });
  return { ...(told.run === id ? told : { run: id, events: [], streaming: null, skipped: false, error: null }), state };
}

/** The text so far with what a token says put in place of all from its offset on, which counts code points. */
export function withToken(before: Streaming | null, token: { node: string; offset: number; text: string }): Streaming {
  const kept = before?.node === token.node ? [...before.text].slice(0, token.offset).join("") : "";
  return { node: token.node, text: kept + token.text };
}
