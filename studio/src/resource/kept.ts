import { useBlocker } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef } from "react";
import { queryClient } from "@/app/query-client";
import { meQuery, type Me } from "@/api/me";

const KEY = "assay.kept";

/** Fields that the API takes and never shows. They are not written down here either: they are typed again. */
const WRITE_ONLY = new Set(["api_key", "credential", "secrets", "token", "value", "wasm"]);

/** A draft without what is secret. */
export function withoutSecrets(draft: unknown): unknown {
  if (typeof draft !== "object" || draft === null || Array.isArray(draft)) return draft;
  return Object.fromEntries(Object.entries(draft).filter(([field]) => !WRITE_ONLY.has(field)));
}

/** What forms hold that is not saved, by the page and the form. */
const holders = new Map<string, () => unknown>();
let leaving = false;

interface Kept {
  who: string;
  drafts: Record<string, unknown>;
}

const whoIs = (me: Me | null | undefined) => me?.user?.id ?? me?.key?.id ?? "";
const placeOf = (name: string) => `${location.pathname} ${name}`;

function kept(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

/** Puts aside what is not saved, as a session ends while somebody types: whoever signs in again in this tab finds it. */
export function keepDrafts(me: Me): void {
  const drafts = Object.fromEntries([...holders].map(([at, held]) => [at, withoutSecrets(held())] as const).filter(([, draft]) => draft !== null));
  if (Object.keys(drafts).length > 0) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ who: whoIs(me), drafts } satisfies Kept));
    } catch {
      // A draft larger than what a tab may keep is lost; the way to the sign-in must not be.
    }
  }
  // The way to the sign-in asks nobody whether to leave; what comes after it does again.
  leaving = true;
  setTimeout(() => {
    leaving = false;
  }, 1000);
}

/** Forgets what was put aside: somebody has signed out, or somebody else is in. */
export const dropDrafts = () => sessionStorage.removeItem(KEY);

/** What was put aside of a form on this page; only for the one who typed it. */
export function keptDraft<Spec>(name: string): Spec | null {
  const found = kept();
  if (!found || found.who !== whoIs(queryClient.getQueryData(meQuery.queryKey))) return null;
  return (found.drafts[placeOf(name)] as Spec | undefined) ?? null;
}

/** Has a form's draft, or null, put aside when the session ends. What was put aside before is the form's own from now on. */
function useKept(name: string, draft: unknown): void {
  const latest = useRef(draft);
  latest.current = draft;
  useEffect(() => {
    const at = placeOf(name);
    holders.set(at, () => latest.current);
    const found = kept();
    if (found && at in found.drafts) dropDrafts();
    return () => void holders.delete(at);
  }, [name]);
}

/**
 * Does not let a page with a draft that is not null be left by accident: `question` is asked first. When the session ends nothing is
 * asked; the draft is put aside instead (see {@link keptDraft}). `saved` is set once the draft is saved, before the next rendering
 * knows: what is saved may be left at once.
 */
export function useUnsaved(name: string, draft: unknown, question: string, saved: RefObject<boolean>): void {
  const holds = () => draft !== null && !saved.current && !leaving;
  useKept(name, draft);
  useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && holds() && !window.confirm(question),
    enableBeforeUnload: holds,
  });
}
