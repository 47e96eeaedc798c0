import { meQuery } from "@/api/me";
import type { PageEntry } from "./feature";
import { features } from "./features";
import { queryClient } from "./query-client";

const pages = features.flatMap((feature) => feature.pages);

/** The page that an address names; one that is named in full goes before one with parameters. */
export function pageAt(path: string, all: readonly PageEntry[] = pages): PageEntry | undefined {
  const parts = path.replace(/\/+$/, "").split("/");
  const fits = all.filter((page) => {
    const own = page.path.replace(/\/+$/, "").split("/");
    return own.length === parts.length && own.every((part, at) => part.startsWith("$") || part === parts[at]);
  });
  return fits.find((page) => !page.path.includes("$")) ?? fits[0];
}

/** Who is signed in and the code of the first page, asked for at once: the router would wait for one before it asks for the other. */
export function begin(path: string): void {
  void queryClient.prefetchQuery(meQuery);
  // The router tells of a failure, in its place.
  pageAt(path)?.load().catch(() => {});
}

/** So long the first page has the browser for itself. */
const REST_MS = 1500;

/** Loads the code of the pages of the navigation, one after the other while there is nothing else to do; not for who saves data. */
export function loadAhead(): void {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (connection?.saveData) return;
  const waiting = features.flatMap((feature) => feature.nav ?? []).flatMap((entry) => pageAt(entry.to) ?? []);
  const rest: (run: () => void) => unknown = window.requestIdleCallback ?? ((run) => setTimeout(run, 200));
  const next = () => {
    const page = waiting.shift();
    // What fails now is asked for again when somebody goes there.
    if (page) void page.load().catch(() => {}).then(() => rest(next));
  };
  setTimeout(() => rest(next), REST_MS);
}
