import { type AnyRoute, createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { type ComponentType, useCallback, useEffect } from "react";
import { ApiError } from "@/api/error";
import { meQuery } from "@/api/me";
import { ErrorState, Loading } from "@/ui/states";
import { parseSearch, stringifySearch } from "@/lib/url-state";
import { connection } from "./connection";
import type { PageEntry } from "./feature";
import { features } from "./features";
import { NotFound } from "./NotFound";
import { queryClient } from "./query-client";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

/** All pages that need somebody to be signed in, with the navigation around them. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: "/sign-in", search: { next: location.href } as never });
  },
});

/**
 * The code of a page. Where nothing answers, that is said: the router itself would load the whole app anew, which a browser
 * without a connection answers with a page of its own, and all that was typed would be gone.
 */
const reached = (load: PageEntry["load"]) => async (): Promise<{ default: ComponentType }> => {
  try {
    return await load();
  } catch (error) {
    if (await connection.check()) throw error;
    throw new ApiError(0, {});
  }
};

const routeOf = (parent: typeof root | typeof shell) => ({ path, load }: PageEntry) =>
  createRoute({ getParentRoute: () => parent as typeof root, path, component: lazyRouteComponent(reached(load)) });

const pages = features.flatMap((feature) => feature.pages);

/** The router. Paths are plain texts: features are added by data, not by types. */
export const router = createRouter({
  routeTree: root.addChildren([
    ...pages.filter((page) => page.open).map(routeOf(root)),
    shell.addChildren(pages.filter((page) => !page.open).map(routeOf(shell)) as never),
  ] as never) as never as AnyRoute,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  // The query cache knows what is fresh.
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultPendingComponent: () => <div className="px-6"><Loading /></div>,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} reset={reset} />,
  defaultNotFoundComponent: NotFound,
});

/** What no page could show. It is tried again at a button, and by itself when the platform is back. */
function Failed({ error, reset }: { error: unknown; reset(): void }) {
  const retry = useCallback(() => {
    // The code of the page, where it is that which is missing; then all that came before it, who is signed in above all.
    const preload = router.state.matches.map((match) => (router.routesById[match.routeId]?.options.component as Preloadable | undefined)?.preload?.());
    void Promise.allSettled(preload).then(() => router.invalidate()).then(reset);
  }, [reset]);
  useEffect(() => connection.onBack(retry), [retry]);
  return <ErrorState error={error} onRetry={retry} />;
}

interface Preloadable {
  preload?(): Promise<unknown> | undefined;
}
