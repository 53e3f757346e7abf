import { useQueryClient } from "@tanstack/react-query";

import { $api } from "@/api/client";
import { allResults, nextCursor } from "@/api/cursor";
import { taskMoves } from "@/lib/statuses";

const POLL_MS = 2_500;
const LONG_LIST = 200;

export const useEnvironments = (project?: number) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/environments",
    { params: { query: { project, limit: 50 } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: nextCursor,
      refetchInterval: ({ state }) =>
        allResults(state.data).some(({ status }) => status === "installing") ? POLL_MS * 2 : false,
    },
  );

export const useEnvironment = (id: number) =>
  $api.useQuery(
    "get",
    "/api/v1/environments/{id}",
    { params: { path: { id: String(id) } } },
    { refetchInterval: ({ state }) => (state.data?.status === "installing" ? POLL_MS : false) },
  );

export const useNodes = (id: number) =>
  $api.useQuery("get", "/api/v1/environments/{environment_pk}/nodes", {
    params: { path: { environment_pk: String(id) }, query: { limit: LONG_LIST } },
  });

export const useTasks = (id: number) =>
  $api.useQuery(
    "get",
    "/api/v1/environments/{environment_pk}/install/tasks",
    { params: { path: { environment_pk: String(id) }, query: { limit: LONG_LIST } } },
    {
      refetchInterval: ({ state }) =>
        state.data?.results.some(({ status }) => taskMoves(status)) ? POLL_MS : false,
    },
  );

export const useTask = (id: number, task: number) =>
  $api.useQuery(
    "get",
    "/api/v1/environments/{environment_pk}/install/tasks/{id}",
    { params: { path: { environment_pk: String(id), id: String(task) } } },
    {
      refetchInterval: ({ state }) =>
        state.data && taskMoves(state.data.status) ? POLL_MS : false,
    },
  );

/** After any write: everything shown may have changed. */
export function useChanged() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries();
}
