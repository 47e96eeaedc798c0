import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Span } from "@/lib/time-range";
import { conditionsOf, type Facet, FACETS, type Filters } from "./conditions";

/** A value with how many traces have it. */
export interface FacetValue {
  value: string;
  count: number;
}

// The model and the prompt belong to observations; there they are counted by trace.
const OBSERVED: Partial<Record<Facet, string>> = { model: "providedModelName", prompt_name: "promptName" };
// What observations do not have, or have of their own: their environment need not be the one of their trace.
const NOT_OBSERVED = ["environment", "release", "version", "public", "errorCount", "warningCount", "observationCount", "observationType", "observationName", "totalCost", "totalTokens", "latency", "search", "input", "output", "metadata", "level", "inputTokens", "outputTokens", "scores_avg", "score_categories", "model", "promptName"];

/** The most frequent values of a facet among what the other filters select. */
export function useFacet(facet: Facet, filters: Filters, span: Span, { enabled, words, limit }: { enabled: boolean; words: string; limit: number }) {
  const observed = OBSERVED[facet];
  const dimension = observed ?? FACETS[facet];
  const conditions = conditionsOf(filters, facet);
  // What has another meaning for observations is left out, so that the counts are of more rather than of nothing.
  const own = observed
    ? conditions.filter((one) => !NOT_OBSERVED.includes(one.column)).map((one) => (one.column === "name" ? { ...one, column: "traceName" } : one))
    : conditions;
  const filter = words && facet !== "tag" ? [...own, { type: "string", column: observed ? (facet === "model" ? "model" : "promptName") : FACETS[facet], operator: "contains", value: words }] : own;
  const measure = observed ? { measure: "uniqueTraceIds", aggregation: "uniq" } : { measure: "count", aggregation: "count" };
  const name = observed ? "uniq_uniqueTraceIds" : "count_count";
  const body = {
    view: observed ? "observations" : "traces", dimensions: [dimension], metrics: [measure], filter,
    from: span.from ?? "2000-01-01T00:00:00Z", to: span.to ?? "2100-01-01T00:00:00Z", limit, order_by: [{ field: name, direction: "desc" }],
  };
  return useQuery({
    queryKey: ["traces", "facet", body],
    queryFn: async (): Promise<FacetValue[]> => {
      const { data } = await unwrap(api.POST("/api/v1/analytics", { body: body as never }));
      return (data as Record<string, unknown>[])
        .filter((row) => typeof row[dimension] === "string" && row[dimension] !== "")
        .map((row) => ({ value: String(row[dimension]), count: Number(row[name] ?? 0) }));
    },
    enabled,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
}
