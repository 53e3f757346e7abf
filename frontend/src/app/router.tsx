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
import { readNewRelease, readReleaseFilters } from "@/features/releases/filters";
import { readInboxFilters } from "@/features/inbox/filters";
import { readWindow, type WindowDays } from "@/features/metrics/windows";
import { readTab, type ReleaseTab } from "@/features/releases/tabs";
import { parseId, readId, readText } from "@/lib/searchParams";

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
  validateSearch: readReleaseFilters,
  component: lazyRouteComponent(
    () => import("@/features/releases/ReleaseListPage"),
    "ReleaseListPage",
  ),
});

const newReleaseRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/releases/new",
  validateSearch: readNewRelease,
  component: lazyRouteComponent(
    () => import("@/features/releases/NewReleasePage"),
    "NewReleasePage",
  ),
});

const releaseRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/releases/$releaseId",
  params: { parse: ({ releaseId }) => ({ releaseId: parseId(releaseId) }) },
  validateSearch: (search): { tab?: ReleaseTab } => ({ tab: readTab(search.tab) }),
  component: lazyRouteComponent(
    () => import("@/features/releases/ReleaseDetailPage"),
    "ReleaseDetailPage",
  ),
});

const inboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/inbox",
  validateSearch: readInboxFilters,
  component: lazyRouteComponent(() => import("@/features/inbox/InboxPage"), "InboxPage"),
});

const noTicketRoute = createRoute({
  getParentRoute: () => inboxRoute,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/inbox/TicketPage"), "NoTicket"),
});

const ticketRoute = createRoute({
  getParentRoute: () => inboxRoute,
  path: "$ticket",
  component: lazyRouteComponent(() => import("@/features/inbox/TicketPage"), "TicketPage"),
});

const metricsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/metrics",
  validateSearch: (search): { window?: WindowDays } => ({ window: readWindow(search.window) }),
  component: lazyRouteComponent(() => import("@/features/metrics/MetricsPage"), "MetricsPage"),
});

const targetsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/targets",
  component: lazyRouteComponent(() => import("@/features/targets/TargetsPage"), "TargetsPage"),
});

const clustersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/clusters",
  component: lazyRouteComponent(() => import("@/features/clusters/ClustersPage"), "ClustersPage"),
});

const environmentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/environments",
  component: lazyRouteComponent(
    () => import("@/features/environments/EnvironmentListPage"),
    "EnvironmentListPage",
  ),
});

const environmentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/environments/$environmentId",
  params: { parse: ({ environmentId }) => ({ environmentId: parseId(environmentId) }) },
  component: lazyRouteComponent(
    () => import("@/features/environments/EnvironmentPage"),
    "EnvironmentPage",
  ),
});

const taskRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/environments/$environmentId/tasks/$taskId",
  params: {
    parse: ({ environmentId, taskId }) => ({
      environmentId: parseId(environmentId),
      taskId: parseId(taskId),
    }),
  },
  validateSearch: (search): { step?: number } => ({ step: readId(search.step) }),
  component: lazyRouteComponent(() => import("@/features/environments/TaskPage"), "TaskPage"),
});

const governanceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/governance",
  component: lazyRouteComponent(
    () => import("@/features/governance/GovernancePage"),
    "GovernancePage",
  ),
});

const policiesRoute = createRoute({
  getParentRoute: () => governanceRoute,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/governance/PoliciesPage"), "PoliciesPage"),
});

const freezesRoute = createRoute({
  getParentRoute: () => governanceRoute,
  path: "freezes",
  component: lazyRouteComponent(() => import("@/features/governance/FreezesPage"), "FreezesPage"),
});

const notificationsRoute = createRoute({
  getParentRoute: () => governanceRoute,
  path: "notifications",
  component: lazyRouteComponent(
    () => import("@/features/notifications/NotificationsPage"),
    "NotificationsPage",
  ),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    shellRoute.addChildren([
      homeRoute,
      releasesRoute,
      newReleaseRoute,
      releaseRoute,
      inboxRoute.addChildren([noTicketRoute, ticketRoute]),
      metricsRoute,
      targetsRoute,
      clustersRoute,
      environmentsRoute,
      environmentRoute,
      taskRoute,
      governanceRoute.addChildren([policiesRoute, freezesRoute, notificationsRoute]),
    ]),
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
