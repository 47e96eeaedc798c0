import { type AnyRoute, createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { meQuery } from "@/api/me";
import { ErrorState, Loading } from "@/ui/states";
import { parseSearch, stringifySearch } from "@/lib/url-state";
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

const routeOf = (parent: typeof root | typeof shell) => ({ path, load }: PageEntry) =>
  createRoute({ getParentRoute: () => parent as typeof root, path, component: lazyRouteComponent(load) });

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
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  defaultNotFoundComponent: NotFound,
});
