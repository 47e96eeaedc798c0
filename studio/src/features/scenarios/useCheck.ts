import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, type Schemas, unwrap } from "@/api/client";
import { ApiError } from "@/api/error";
import { fromScenario } from "./graph/problems";
import type { ScenarioSpec } from "./kind";

/** What the server makes of a scenario that need not be saved. */
export interface Check {
  /** What is wrong, by pointers of the scenario. */
  fields: ReadonlyMap<string, string>;
  /** The path under the assumptions; null where something is wrong. */
  dry: Schemas["DryRun"] | null;
}

/** What is taken to happen in a dry run. */
export type Assumptions = Schemas["Assumptions"];
export const NO_ASSUMPTIONS: Assumptions = { answers: {}, replies: {}, scores: {}, ways: {} };

/** How long nothing must change before the server is asked. */
const PAUSE_MS = 500;

async function check(scenario: ScenarioSpec, assumptions: Assumptions, signal: AbortSignal): Promise<Check> {
  try {
    const dry = await unwrap(api.POST("/api/v1/scenarios/dry-run", { body: { scenario: scenario as never, assumptions }, signal }));
    return { fields: new Map(), dry };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500 || error.status === 401 || error.status === 403 || error.status === 429) throw error;
    return { fields: error.fields.size > 0 ? fromScenario(error.fields) : new Map([["", error.message]]), dry: null };
  }
}

/** Has the server look at the scenario whenever it has stood still for a moment: the same words as when it is saved. */
export function useCheck(scenario: ScenarioSpec, assumptions: Assumptions) {
  const key = JSON.stringify([scenario, assumptions]);
  const [still, setStill] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setStill(key), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [key]);
  const query = useQuery({
    queryKey: ["scenarios", "check", still],
    queryFn: ({ signal }) => {
      const [spec, assumed] = JSON.parse(still) as [ScenarioSpec, Assumptions];
      return check(spec, assumed, signal);
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  return { ...query, busy: still !== key || query.isFetching };
}
