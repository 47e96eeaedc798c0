import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

/** What is kept in the address: every value is a text, and one that equals its default is left out. */
export type UrlState<D extends Record<string, string>> = { [K in keyof D]: string };

/**
 * Filters, tabs and sorting that live in the address, so that a link shows what its sender saw and Back undoes.
 *
 * `const [state, set] = useUrlState({ q: "", sort: "-created_at" })`. Changes of typing replace the entry of the history;
 * pass `{ push: true }` for what a person would go back from.
 */
export function useUrlState<D extends Record<string, string>>(
  defaults: D,
): [UrlState<D>, (changes: Partial<UrlState<D>>, options?: { push?: boolean }) => void] {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  // Defaults are usually a literal: compared by content.
  const key = JSON.stringify(defaults);
  const state = useMemo(() => {
    const all = JSON.parse(key) as Record<string, string>;
    for (const name of Object.keys(all)) all[name] = search[name] ?? all[name] ?? "";
    return all as UrlState<D>;
  }, [key, search]);
  const set = useCallback(
    (changes: Partial<UrlState<D>>, options?: { push?: boolean }) => {
      const initial = JSON.parse(key) as Record<string, string>;
      void navigate({
        to: ".",
        replace: !options?.push,
        resetScroll: false,
        search: ((previous: Record<string, string>) => {
          const next = { ...previous };
          for (const [name, value] of Object.entries(changes)) {
            if (value === undefined || value === initial[name]) delete next[name];
            else next[name] = value as string;
          }
          return next;
        }) as never,
      });
    },
    [key, navigate],
  );
  return [state, set];
}

/** A query string as plain texts: `?status=running`, with none of the quotes that JSON would need. */
export const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

/** The reverse of {@link parseSearch}. */
export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}
