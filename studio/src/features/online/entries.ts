import { useQuery } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import type { Tone } from "@/ui/badge";

/** An entry of the queue. */
export type Entry = Schemas["EvaluationQueueEntry"];
/** How it stands. */
export type State = Entry["state"];

/** All states, in the order in which an entry goes through them. */
export const STATES = ["waiting", "ready", "leased", "done", "failed", "skipped"] as const;
/** How each looks. */
export const STATE_TONES: Record<State, Tone> = { waiting: "neutral", ready: "info", leased: "accent", done: "good", failed: "bad", skipped: "neutral" };

/** What each rule has in its queue, what its judges have spent, why it pauses. */
export const useSummary = () =>
  useQuery({
    queryKey: ["evaluation-queue", "summary"],
    // What rules have done is said of traces.
    enabled: useMay("traces_read"),
    queryFn: async () => new Map((await unwrap(api.GET("/api/v1/evaluation-queue/summary"))).data.map((one) => [one.rule_id, one as typeof one & { counts: Partial<Record<State, number>> }])),
    refetchInterval: 5000,
  });
