import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Answer, type Query, request, type Schemas } from "@/api/client";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { resourceTexts } from "./i18n";
import type { ResourceItem, ResourceKind } from "./kind";

const base = (kind: ResourceKind<never>, ...more: (string | number)[]) =>
  ["/api/v1", kind.kind, ...more.map((part) => encodeURIComponent(part))].join("/");

/** The list, page by page. */
export const useResources = <Item extends ResourceItem>(kind: ResourceKind<Item>, query: Query) =>
  usePages<Item>({ key: [kind.kind, "list"], path: base(kind), query });

/** One resource, with the `ETag` that a change of it needs. */
export const useResource = <Item extends ResourceItem>(kind: ResourceKind<Item>, id: string) =>
  useQuery({
    queryKey: [kind.kind, "one", id],
    queryFn: ({ signal }) => request<Item>("GET", base(kind, id), { signal }),
  });

/** Its versions, the newest first. */
export const useVersions = <Item extends ResourceItem>(kind: ResourceKind<Item>, id: string) =>
  usePages<Schemas["ResourceVersion"]>({ key: [kind.kind, "versions", id], path: base(kind, id, "versions") });

/** One version; null asks for none. */
export const useVersion = <Item extends ResourceItem>(kind: ResourceKind<Item>, id: string, version: number | null) =>
  useQuery({
    queryKey: [kind.kind, "version", id, version],
    queryFn: async ({ signal }) => (await request<Schemas["ResourceVersion"]>("GET", base(kind, id, "versions", version ?? 0), { signal })).data,
    enabled: version !== null,
    // A version is written once.
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

/** Creates, or replaces the version that `etag` names: who was slower than somebody else gets 412. */
export function useSave<Item extends ResourceItem, Spec>(kind: ResourceKind<Item>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, etag, spec }: { id?: string | undefined; etag?: string | null | undefined; spec: Spec }): Promise<Answer<Item>> =>
      id === undefined
        ? request<Item>("POST", base(kind), { body: spec })
        : request<Item>("PUT", base(kind, id), { body: spec, headers: etag ? { "if-match": etag } : {} }),
    onSuccess: (answer) => {
      client.setQueryData([kind.kind, "one", answer.data.id], answer);
      void client.invalidateQueries({ queryKey: [kind.kind, "list"] });
      void client.invalidateQueries({ queryKey: [kind.kind, "versions", answer.data.id] });
    },
  });
}

const bulk = (kind: ResourceKind<never>, action: "delete" | "restore", ids: readonly string[]) =>
  request<Schemas["BulkResults"]>("POST", base(kind, "bulk"), { body: { action, ids } });

/** Brings back one or many that were deleted. A name may be taken by now: then that one stays deleted, and it is told. */
export function useRestore<Item extends ResourceItem>(kind: ResourceKind<Item>) {
  const client = useQueryClient();
  const t = useText(resourceTexts);
  return useMutation({
    mutationFn: async (ids: readonly string[]) => (await bulk(kind, "restore", ids)).data,
    onSuccess: ({ done }, ids) => {
      if (done < ids.length) toastError(t("restoredSome", { done, n: ids.length }));
      else toast(t("restored", { n: done }));
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
    onSettled: () => client.invalidateQueries({ queryKey: [kind.kind] }),
  });
}

/** Deletes one or many, and offers to undo it by the API's own restoring. */
export function useRemove<Item extends ResourceItem>(kind: ResourceKind<Item>) {
  const client = useQueryClient();
  const t = useText(resourceTexts);
  const { mutate: restore } = useRestore(kind);
  return useMutation({
    mutationFn: async (ids: readonly string[]) => (await bulk(kind, "delete", ids)).data,
    onSuccess: async (results) => {
      const done = results.results.filter((one) => one.outcome === "done").map((one) => one.id);
      toast(t("deleted", { n: done.length }), done.length > 0 ? { undo: () => restore(done) } : {});
      await client.invalidateQueries({ queryKey: [kind.kind, "list"] });
    },
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
}
