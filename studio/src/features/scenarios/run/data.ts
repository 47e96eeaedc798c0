import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, request, type Schemas, unwrap } from "@/api/client";
import { useEvents } from "@/api/useEvents";
import type { Tone } from "@/ui/badge";
import { NO_PROGRESS, proceed, type Progress, type RunEvent } from "./progress";

/** A run with its conversation. */
export type Run = Schemas["Run"];
/** A checkpoint of its history. */
export type Checkpoint = Schemas["CheckpointShown"];

/** Whether nothing comes any more. */
export const isOver = (status: Run["status"]) => ["passed", "failed", "error", "cancelled"].includes(status);

/** What the colour of a status says. */
export const STATUS_TONES: Record<Run["status"], Tone> = {
  queued: "neutral", running: "accent", waiting_for_person: "warn", paused: "info", passed: "good", failed: "bad", error: "bad", cancelled: "neutral",
};

/** One run; it is asked for again with each event, and slowly while nothing tells of it. */
export const useRun = (id: string | null) =>
  useQuery({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{id}", { params: { path: { id: id ?? "" } }, signal })),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.status) ? false : 4000),
  });

/** All checkpoints of a run, the oldest first. */
export const useCheckpoints = (id: string) =>
  useQuery({
    queryKey: ["runs", "checkpoints", id],
    queryFn: async ({ signal }) => {
      const all: Checkpoint[] = [];
      let cursor: string | null = null;
      do {
        const page: { data: Checkpoint[]; next_cursor: string | null } = (await request<{ data: Checkpoint[]; next_cursor: string | null }>("GET", `/api/v1/runs/${encodeURIComponent(id)}/checkpoints`, { query: { limit: 200, cursor }, signal })).data;
        all.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor && all.length < 2000);
      return all.reverse();
    },
  });

/** The state of a run at a checkpoint, which never changes. */
export const useStateAt = (id: string, checkpoint: string | null) =>
  useQuery({
    queryKey: ["runs", "state", id, checkpoint],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{id}/checkpoints/{checkpoint}", { params: { path: { id, checkpoint: checkpoint ?? "" } }, signal })),
    enabled: checkpoint !== null,
    staleTime: 60_000,
  });

/** What happens in a run, as it happens. */
export function useProgress(id: string): { progress: Progress; state: "live" | "waiting" | "ended"; error: unknown } {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress>(NO_PROGRESS);
  const [error, setError] = useState<unknown>(null);
  // Events come by hundreds at first: they are taken in together, once a frame.
  const waiting = useRef<RunEvent[]>([]);
  const frame = useRef(0);
  const take = useCallback(() => {
    frame.current = 0;
    const events = waiting.current;
    waiting.current = [];
    setProgress((before) => events.reduce(proceed, before));
    if (events.some((event) => event.event !== "token")) {
      void client.invalidateQueries({ queryKey: ["runs", "one", id] });
      void client.invalidateQueries({ queryKey: ["runs", "checkpoints", id] });
      void client.invalidateQueries({ queryKey: ["runs", "forks"] });
    }
  }, [client, id]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  const state = useEvents(`/api/v1/runs/${encodeURIComponent(id)}/events`, {
    onEvent: (event) => {
      const data = event.type === "end" ? { event: "end", id: event.id } : (JSON.parse(event.data) as RunEvent);
      waiting.current.push(data);
      if (!frame.current) frame.current = requestAnimationFrame(take);
    },
    isLast: (event) => event.type === "end",
    onError: setError,
  });
  return { progress, state, error };
}

/** The forks of a run. */
export const useForks = (id: string) =>
  useQuery({ queryKey: ["runs", "forks", id], queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{id}/forks", { params: { path: { id } }, signal })) });

/** How two runs compare. */
export const useComparison = (id: string, other: string | null) =>
  useQuery({
    queryKey: ["runs", "compare", id, other],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{id}/compare", { params: { path: { id }, query: { with: other ?? "" } }, signal })),
    enabled: other !== null,
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.with.status) ? false : 2000),
  });

/** Goes on from a checkpoint: as another run, or as this one where it waits. */
export function useTravel(id: string) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["runs"] });
  const path = { params: { path: { id } } };
  return {
    fork: useMutation({ mutationFn: (body: Schemas["StateChange"]) => unwrap(api.POST("/api/v1/runs/{id}/fork", { ...path, body })), onSuccess: refresh }),
    replay: useMutation({ mutationFn: (checkpoint: string) => unwrap(api.POST("/api/v1/runs/{id}/replay", { ...path, body: { checkpoint } })), onSuccess: refresh }),
    change: useMutation({ mutationFn: (body: Schemas["StateChange"]) => unwrap(api.POST("/api/v1/runs/{id}/state", { ...path, body })), onSuccess: refresh }),
    resume: useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/runs/{id}/resume", path)), onSuccess: refresh }),
    answer: useMutation({
      mutationFn: (answers: Record<string, unknown>) => unwrap(api.POST("/api/v1/runs/{id}/answers", { ...path, body: { answers } as Schemas["RunAnswers"] })),
      onSuccess: refresh,
    }),
  };
}
