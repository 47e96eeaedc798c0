import { request, type Schemas } from "@/api/client";
import { useMe } from "@/api/me";
import { usePages } from "@/api/pages";
import type { Condition } from "./conditions";

/** A saved view. */
export type View = Schemas["View"];
/** The lists that views are of. */
export type ViewTable = View["table"];

/** What a view is made of. */
export interface ViewContent {
  filter: Condition[];
  sort: string | null;
  columns: string[];
}

/** The saved views of a list that the caller sees. */
export const useViews = (table: ViewTable) => usePages<View>({ key: ["views", table], path: "/api/v1/views", query: { table } });

/** Whether the caller may change a view: one's own, or a shared one by whoever manages the workspace. */
export function useMayChangeView(): (view: View) => boolean {
  const me = useMe();
  const own = me.user?.id ?? me.key?.id;
  return (view) => me.permissions.includes("scores_write") && (view.owner_id === own || (view.visibility === "shared" && me.permissions.includes("workspace_manage")));
}

/** Changes a view as it was when it was read: who was slower is refused. */
export const changeView = (view: View, change: Partial<Schemas["ViewSpec"]>) =>
  request<View>("PATCH", `/api/v1/views/${view.id}`, { body: change, headers: { "if-match": `"v${view.version}"` } });

/** Whether a view holds what is shown. */
export const holds = (view: View, { filter, sort, columns }: ViewContent): boolean =>
  JSON.stringify(sorted([view.filter, view.sort, [...view.columns].sort()])) === JSON.stringify(sorted([filter, sort, [...columns].sort()]));

/** With the keys of all objects in order, so that two that say the same are written the same; nulls say nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]));
}
