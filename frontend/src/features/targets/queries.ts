import { useQueryClient } from "@tanstack/react-query";

import { $api } from "@/api/client";
import { nextCursor } from "@/api/cursor";

const LONG_LIST = 200;
const paged = { pageParamName: "cursor", initialPageParam: null, getNextPageParam: nextCursor };

export const useTargets = (project?: number) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/deploy/targets",
    { params: { query: { project, limit: 50 } } },
    paged,
  );

export const useServices = (project?: number) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/deploy/services",
    { params: { query: { project, limit: 50 } } },
    paged,
  );

export const useEnvironments = (project?: number) =>
  $api.useQuery("get", "/api/v1/environments", {
    params: { query: { project, limit: LONG_LIST } },
  });

export const useClusters = (project?: number) =>
  $api.useQuery("get", "/api/v1/clusters", {
    params: { query: { project, limit: LONG_LIST } },
  });

/** After any write: everything shown may have changed. */
export function useChanged() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries();
}
