import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { atMost } from "@/lib/at-most";
import { spanOf } from "@/lib/time-range";
import type { Metric, Row } from "./question";

/** What can be asked. */
export interface Question {
  view: "traces" | "observations" | "scores-numeric" | "scores-categorical";
  metrics: readonly Metric[];
  dimensions?: readonly string[];
  filter?: readonly unknown[];
  from: string;
  to: string;
  granularity?: string | null;
  limit?: number;
  order_by?: readonly { field: string; direction: "asc" | "desc" }[];
}

/** An answer. */
export interface Answered {
  rows: Row[];
  granularity: string | null;
  truncated: boolean;
}

/** A browser has six connections to a server, and a question about many traces takes a while: the rest of a page wants some of them. */
const turn = atMost(3);

/** Asks one question. Days begin where the person is. */
export async function ask(question: Question, signal?: AbortSignal): Promise<Answered> {
  const body = { ...question, utc_offset_minutes: -new Date().getTimezoneOffset() };
  const { data, granularity, truncated } = await turn(() => unwrap(api.POST("/api/v1/analytics", { body: body as never, signal: signal ?? null })));
  return { rows: data as unknown as Row[], granularity: granularity as string | null, truncated };
}

/** The answer of a question; the old one stays until the new one is there. */
export const useAsk = (question: Question, enabled = true) =>
  useQuery({ queryKey: ["analytics", question], queryFn: ({ signal }) => ask(question, signal), enabled, placeholderData: keepPreviousData, staleTime: 30_000 });

/** A range as both ends, which questions want. It ends with the running hour, so that the question stays the same for a while. */
export function endsOf(range: string, from: string, to: string, now = Date.now()): { from: string; to: string } {
  const next = new Date(Math.ceil(now / 3_600_000) * 3_600_000).toISOString();
  const span = spanOf(range, from, to, Math.ceil(now / 3_600_000) * 3_600_000);
  const end = span.to ?? next;
  const begin = span.from ?? "2020-01-01T00:00:00Z";
  return begin < end ? { from: begin, to: end } : { from: end, to: begin };
}
