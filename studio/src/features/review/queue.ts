import { useQuery } from "@tanstack/react-query";
import { api, request, type Schemas, unwrap, type Written } from "@/api/client";

export type Queue = Schemas["ReviewQueue"];
export type QueueSpec = Written<Schemas["ReviewQueueSpec"], "name" | "label_schema_ids">;
export type Item = Schemas["ReviewItem"];
export type Subject = Schemas["ReviewSubject"];
export type Machine = Schemas["MachineScore"];
export type Progress = Schemas["ReviewProgress"];

export const queuePath = (id: string, ...more: string[]) => ["/api/v1/review-queues", encodeURIComponent(id), ...more.map(encodeURIComponent)].join("/");

/** A queue with the `ETag` that a change of it needs. */
export const useQueue = (id: string) =>
  useQuery({ queryKey: ["review-queues", "one", id], queryFn: ({ signal }) => request<Queue>("GET", queuePath(id), { signal }) });

/** How far a queue is. */
export const useProgress = (id: string) =>
  useQuery({
    queryKey: ["review-queues", "progress", id],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/review-queues/{id}/progress", { params: { path: { id } }, signal })),
    refetchInterval: 15_000,
  });

/** A run with its conversation. */
export const useRun = (id: string | null) =>
  useQuery({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{id}", { params: { path: { id: id ?? "" } }, signal })),
    enabled: id !== null,
  });

/** What an item shows, as its kinds of subject have it in common. */
export interface Seen {
  campaign_id?: string | null;
  trace_id?: string | null;
  input?: unknown;
  output?: unknown;
  expected_output?: string | null;
  /** How many turns, of runs; the user's turns, of items of datasets. */
  turns?: number | string[] | null;
}

/** The content of an item; null when it is gone. */
export const seenOf = (content: unknown): Seen | null => (content !== null && typeof content === "object" ? (content as Seen) : null);

/** How many turns can be answered about. */
export function turnsOf(seen: Seen | null): number {
  if (Array.isArray(seen?.turns)) return seen.turns.length;
  return typeof seen?.turns === "number" ? Math.max(1, seen.turns) : 1;
}

/** The id by which a subject is told apart, short enough for a row. */
export function idOf(subject: Subject): string {
  if (subject.type === "run") return subject.run_id;
  return subject.type === "trace" ? subject.observation_id ?? subject.trace_id : subject.item_key;
}

export const metricOf = (subject: Subject): string | null => (subject.type === "dataset_item" ? null : subject.metric ?? null);
