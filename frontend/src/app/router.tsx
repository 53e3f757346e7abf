import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";

import { toApiError } from "@/api/errors";
import { meQuery } from "@/api/me";
import { readId, readText } from "@/lib/searchParams";

import { NotFound, PagePending, RouteError } from "./fallbacks";
import { queryClient } from "./queryClient";
import { Shell } from "./Shell";

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search): { next?: string } => ({ next: readText(search.next) }),
  component: lazyRouteComponent(() => import("@/features/auth/SignInPage"), "SignInPage"),
});

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  // The project filter of the header holds for every page.
  validateSearch: (search): { project?: number } => ({ project: readId(search.project) }),
  search: { middlewares: [retainSearchParams(["project"])] },
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.query({ ...meQuery, staleTime: "static" });
    } catch (error) {
      if (toApiError(error).code !== "not_authenticated") throw error;
      throw redirect({ to: "/sign-in", search: { next: location.href } });
    }
  },
  component: Shell,
});

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/releases" });
  },
});

const releasesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/releases",
  component: lazyRouteComponent(
    () => import("@/features/releases/ReleaseListPage"),
    "ReleaseListPage",
  ),
});

const inboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/inbox",
  component: lazyRouteComponent(() => import("@/features/inbox/InboxPage"), "InboxPage"),
});

const environmentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/environments",
  component: lazyRouteComponent(
    () => import("@/features/environments/EnvironmentListPage"),
    "EnvironmentListPage",
  ),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    shellRoute.addChildren([homeRoute, releasesRoute, inboxRoute, environmentsRoute]),
  ]),
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: RouteError,
  defaultPendingComponent: PagePending,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
