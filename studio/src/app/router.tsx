import { type AnyRoute, createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, type RouteComponent } from "@tanstack/react-router";
import { type ComponentType, type FunctionComponent, useCallback, useEffect } from "react";
import { ApiError } from "@/api/error";
import { meQuery, useMay } from "@/api/me";
import { ErrorState, Loading, NoPermission } from "@/ui/states";
import { parseSearch, stringifySearch } from "@/lib/url-state";
import { connection } from "./connection";
import type { PageEntry } from "./feature";
import { features } from "./features";
import { neededFor } from "./needed";
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

/** A page for those who may see it. */
function componentOf(page: PageEntry): RouteComponent {
  const lazy = lazyRouteComponent(reached(page.load));
  const needed = page.open ? undefined : neededFor(page);
  if (!needed) return lazy as RouteComponent;
  const Loaded = lazy as FunctionComponent & Preloadable;
  const Guarded = () => (useMay(needed) ? <Loaded /> : <NoPermission />);
  return Object.assign(Guarded, { preload: async () => Loaded.preload?.() }) as unknown as RouteComponent;
}

const routeOf = (parent: typeof root | typeof shell) => (page: PageEntry) =>
  createRoute({ getParentRoute: () => parent as typeof root, path: page.path, component: componentOf(page) });

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
  defaultPendingComponent: () => <Loading />,
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
