import { useQueryClient } from "@tanstack/react-query";

import { $api } from "@/api/client";
import { allResults, nextCursor } from "@/api/cursor";
import type { Release } from "@/api/types";
import { pollInterval } from "@/lib/lifecycle";

import type { ReleaseFilters } from "./filters";

const RELEASES = "/api/v1/deploy/releases";
const RELEASE = "/api/v1/deploy/releases/{id}";
const LONG_LIST = 200;

/** The list, asked again only while something in it moves by itself. */
export function useReleases(filters: ReleaseFilters & { project?: number }) {
  const { runtime, ...rest } = filters;
  return $api.useInfiniteQuery(
    "get",
    RELEASES,
    { params: { query: { ...rest, runtime_type: runtime, limit: 50 } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: nextCursor,
      refetchInterval: (query) => {
        const states = allResults(query.state.data).map((release) => release.lifecycle_state);
        const interval = pollInterval(states);
        return interval && Math.max(interval, 4_000);
      },
    },
  );
}

export const useRelease = (id: number) =>
  $api.useQuery(
    "get",
    RELEASE,
    { params: { path: { id: String(id) } } },
    {
      refetchInterval: ({ state }) =>
        state.data ? pollInterval([state.data.lifecycle_state]) : false,
    },
  );

export const useServices = (project?: number) =>
  $api.useQuery("get", "/api/v1/deploy/services", {
    params: { query: { project, limit: LONG_LIST } },
  });

export const useTargets = (project?: number) =>
  $api.useQuery("get", "/api/v1/deploy/targets", {
    params: { query: { project, limit: LONG_LIST } },
  });

export const useRevisions = (serviceId: number | undefined) =>
  $api.useQuery(
    "get",
    "/api/v1/deploy/services/{service_pk}/revisions",
    { params: { path: { service_pk: String(serviceId) }, query: { limit: LONG_LIST } } },
    { enabled: serviceId !== undefined },
  );

export const useTimeline = (id: number, poll: number | false) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/deploy/releases/{id}/timeline",
    { params: { path: { id: String(id) }, query: { limit: 100 } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: nextCursor,
      refetchInterval: poll,
    },
  );

/** What ran where: one step is one hook on one node. */
export const useReleaseSteps = (id: number, poll: number | false) =>
  $api.useQuery(
    "get",
    "/api/v1/deploy/releases/{id}/steps",
    { params: { path: { id: String(id) } } },
    { refetchInterval: poll },
  );

/** What to do after a write: show its answer at once, and ask again for the rest. */
export function useReleaseChanged() {
  const queryClient = useQueryClient();
  return async (release: Release) => {
    const { queryKey } = $api.queryOptions("get", RELEASE, {
      params: { path: { id: String(release.release_id) } },
    });
    queryClient.setQueryData(queryKey, release);
    await queryClient.invalidateQueries();
  };
}
