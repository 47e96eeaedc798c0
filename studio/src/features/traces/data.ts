import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { request, type Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import { usePages } from "@/api/pages";
import type { Trace } from "./live";
import type { Score } from "./scores";
import type { TreeNode } from "./tree";

/** An observation with all that is known of it. */
export type Observation = Schemas["ObservationShown"];

const idIs = (id: string) => JSON.stringify([{ type: "string", column: "id", operator: "=", value: id }]);

/** A trace as lists have it: without its observations, of which there may be very many. */
export const useTrace = (id: string) =>
  useQuery({
    queryKey: ["traces", "one", id],
    queryFn: async ({ signal }) => {
      const { data } = await request<Schemas["TraceShownPage"]>("GET", "/api/v1/traces", { query: { filter: idIs(id), limit: 1 }, signal });
      const found = data.data[0];
      if (!found) throw new ApiError(404, {});
      return found as Trace;
    },
    retry: (count, error) => !(error instanceof ApiError && error.status === 404) && count < 2,
    // What was spoken of a moment ago may go on: it is watched as it grows.
    refetchInterval: ({ state: { data } }) => (data && data.observation_count <= WATCHED && Date.now() - Date.parse(data.updated_at) < GOES_ON_MS ? 3000 : false),
  });

/** For so long after its last news a trace may have more. */
const GOES_ON_MS = 60_000;
/** Larger ones are not read again and again. */
const WATCHED = 2000;

/** Reads the rest of a trace anew whenever the trace itself has news. */
export function useNews(trace: Trace): void {
  const client = useQueryClient();
  const seen = useRef(trace.updated_at);
  useEffect(() => {
    if (seen.current === trace.updated_at) return;
    seen.current = trace.updated_at;
    void client.invalidateQueries({ queryKey: ["traces", "one", trace.id, "tree"] });
    void client.invalidateQueries({ queryKey: ["traces", "one", trace.id, "observation"] });
    void client.invalidateQueries({ queryKey: ["scores", "trace", trace.id] });
  }, [client, trace.id, trace.updated_at]);
}

/** More than that a browser need not hold; what lies beyond is found by the list of observations. */
export const MOST_NODES = 20_000;

/** The tree of a trace, page after page until all of it is there. */
export function useTree(id: string) {
  const pages = usePages<TreeNode>({ key: ["traces", "one", id, "tree"], path: `/api/v1/traces/${encodeURIComponent(id)}/tree`, limit: 200 });
  const { hasNextPage, isFetchingNextPage, fetchNextPage, rows, error } = pages;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !error && rows.length < MOST_NODES) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, rows.length, error]);
  return pages;
}

/** One observation of a trace: ids are unique within their trace alone. */
export const useObservation = (trace: string, id: string) =>
  useQuery({
    queryKey: ["traces", "one", trace, "observation", id],
    queryFn: async ({ signal }) => {
      const { data } = await request<Schemas["ObservationShownPage"]>("GET", "/api/v1/observations", { query: { trace_id: trace, filter: idIs(id), limit: 1 }, signal });
      const found = data.data[0];
      if (!found) throw new ApiError(404, {});
      return found as Observation;
    },
    staleTime: 30_000,
    enabled: id !== "",
  });

/** The scores of a trace and of its observations. */
export const useTraceScores = (trace: string) => usePages<Score>({ key: ["scores", "trace", trace], path: "/api/v1/scores", query: { trace_id: trace }, limit: 200 });
