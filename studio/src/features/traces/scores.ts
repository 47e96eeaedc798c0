import { useQuery } from "@tanstack/react-query";
import { request, type Schemas } from "@/api/client";
import { gathered } from "@/lib/gathered";
import { NOTHING, score as scoreText } from "@/lib/format";

/** A score. */
export type Score = Schemas["Score"];

/** The value of a score as it is read. */
export function valueText({ data_type, value, string_value }: Pick<Score, "data_type" | "value" | "string_value">): string {
  if (data_type === "BOOLEAN") return string_value ?? (value === null ? NOTHING : value === 1 ? "true" : "false");
  if (data_type === "NUMERIC") return value === null ? NOTHING : scoreText(value);
  return string_value ?? NOTHING;
}

/** How many traces one question about scores names, and how many pages of their scores are read. */
const AT_ONCE = 100;
const MOST_PAGES = 20;

/** Rows ask as they come into sight: those of a while are one question. */
const load = gathered<readonly Score[]>(20, AT_ONCE, async (value) => {
  const filter = JSON.stringify([{ type: "stringOptions", column: "traceId", operator: "any of", value }]);
  const byTrace = new Map<string, Score[]>();
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { data }: { data: Schemas["ScorePage"] } = await request("GET", "/api/v1/scores", { query: { filter, limit: 200, cursor } });
    for (const one of data.data) {
      const beside = byTrace.get(one.trace_id);
      if (beside) beside.push(one);
      else byTrace.set(one.trace_id, [one]);
    }
    cursor = data.next_cursor;
    if (!cursor) break;
  }
  return byTrace;
}, []);

/** By what the scores of a trace are remembered. */
export const scoresKey = (trace: string) => ["scores", "of", trace];

/** The scores of a trace in a list, the newest first. */
export const useScoresOf = (trace: string): readonly Score[] =>
  useQuery({ queryKey: scoresKey(trace), queryFn: ({ signal }) => load(trace, signal), staleTime: 30_000 }).data ?? [];
