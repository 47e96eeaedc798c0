import { useCallback, useMemo } from "react";
import { spanOf } from "@/lib/time-range";
import { useUrlState } from "@/lib/url-state";
import { type Filters, isFiltered, NO_FILTERS, queryOf } from "./conditions";

/** Far enough back to find what somebody looks for, near enough that counts of filters stay quick. */
const RANGE = "30d";

/** Filters and time of lists about traces, from the address, with what they ask the API. */
export function useTraceFilters() {
  const [state, set] = useUrlState({ ...NO_FILTERS, range: RANGE, from: "", to: "" });
  const { range, from, to, ...filters } = state;
  // A time that ends now is taken once, so that a page that renders does not ask anew.
  const span = useMemo(() => spanOf(range, from, to, Date.now()), [range, from, to]);
  const key = JSON.stringify(filters);
  const kept = useMemo(() => JSON.parse(key) as Filters, [key]);
  const query = useMemo(() => queryOf(kept, span), [kept, span]);
  const clear = useCallback(() => set({ ...NO_FILTERS }), [set]);
  return { filters: kept, range, from, to, span, query, set, clear, filtered: isFiltered(kept) };
}
