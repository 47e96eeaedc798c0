import { useQuery } from "@tanstack/react-query";
import { request, type Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import type { Page } from "@/api/pages";
import { usePeople } from "./people";
import type { ResourceItem, ResourceKind } from "./kind";

type Entry = Schemas["AuditEntry"];

/** What the audit log calls one of a kind. */
const nounOf = (kind: string) => (kind === "metric-library" ? "metric" : kind.replaceAll("-", "_").replace(/s$/, ""));

/** Who deleted each, by id: the latest of several. An act on many is one entry with their ids. */
export function deletersOf(entries: readonly Entry[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of [...entries].sort((a, b) => (a.at < b.at ? -1 : 1))) {
    const ids = (entry.detail as { ids?: unknown } | null)?.ids;
    for (const id of Array.isArray(ids) ? ids.map(String) : [entry.target_id]) found.set(id ?? "", entry.actor_id);
  }
  return found;
}

/** The name of who deleted one, as far as the audit log tells the caller; null without the right to read it. */
export function useDeleters<Item extends ResourceItem>(kind: ResourceKind<Item>, enabled: boolean): ((id: string) => string | null) | null {
  const may = useMay("audit_read");
  const { nameOf } = usePeople();
  const { data } = useQuery({
    queryKey: [kind.kind, "deleters"],
    queryFn: async ({ signal }) => {
      const of = async (verb: string) => (await request<Page<Entry>>("GET", "/api/v1/audit-log", { query: { action: `${nounOf(kind.kind)}.${verb}`, limit: 200 }, signal })).data.data;
      return deletersOf((await Promise.all([of("delete"), of("bulk_delete")])).flat());
    },
    enabled: enabled && may,
  });
  if (!may) return null;
  return (id) => {
    const who = data?.get(id);
    return who === undefined ? null : nameOf(who);
  };
}
