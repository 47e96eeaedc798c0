import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Query, request } from "./client";

/** A page of a list. */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/** How a list is read. */
export interface PagesOptions {
  key: QueryKey;
  path: string;
  query?: Query;
  /** Rows of a page. */
  limit?: number;
  enabled?: boolean;
  refetchInterval?: number | false;
}

/** A list that is read page by page as somebody scrolls: `rows` are all that were read so far. */
export function usePages<T>({ key, path, query, limit = 100, enabled = true, refetchInterval = false }: PagesOptions) {
  const pages = useInfiniteQuery({
    queryKey: [...key, query ?? {}],
    queryFn: async ({ pageParam, signal }) =>
      (await request<Page<T>>("GET", path, { query: { ...query, limit, cursor: pageParam }, signal })).data,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    enabled,
    refetchInterval,
    // Filters change often: the old rows stay until the new ones are there.
    placeholderData: (previous) => previous,
  });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.data) ?? [], [pages.data]);
  return { ...pages, rows };
}
