import { useQuery } from "@tanstack/react-query";
import { request, type Schemas } from "@/api/client";
import { NOTHING, score as scoreText } from "@/lib/format";

/** A score. */
export type Score = Schemas["Score"];

/** The value of a score as it is read. */
export function valueText({ data_type, value, string_value }: Pick<Score, "data_type" | "value" | "string_value">): string {
  if (data_type === "BOOLEAN") return string_value ?? (value === null ? NOTHING : value === 1 ? "true" : "false");
  if (data_type === "NUMERIC") return value === null ? NOTHING : scoreText(value);
  return string_value ?? NOTHING;
}

/** How many traces one question about scores names. */
const AT_ONCE = 200;

/** The scores of traces that a list shows, by trace; the newest rows are asked for anew with each page. */
export function useScoresOf(ids: readonly string[], enabled: boolean) {
  const known = ids.slice(0, 1000);
  return useQuery({
    queryKey: ["scores", "of", known],
    queryFn: async ({ signal }) => {
      const pieces = Array.from({ length: Math.ceil(known.length / AT_ONCE) }, (_, at) => known.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
      const answers = await Promise.all(pieces.map((value) => request<Schemas["ScorePage"]>("GET", "/api/v1/scores", {
        query: { filter: JSON.stringify([{ type: "stringOptions", column: "traceId", operator: "any of", value }]), limit: 200 }, signal,
      })));
      const byTrace = new Map<string, Score[]>();
      for (const one of answers.flatMap((answer) => answer.data.data)) {
        const beside = byTrace.get(one.trace_id);
        if (beside) beside.push(one);
        else byTrace.set(one.trace_id, [one]);
      }
      return byTrace;
    },
    enabled: enabled && known.length > 0,
    placeholderData: (previous) => previous,
    staleTime: 30_000,
  });
}
