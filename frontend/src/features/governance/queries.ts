import { useQueryClient } from "@tanstack/react-query";

import { $api } from "@/api/client";
import { nextCursor } from "@/api/cursor";
import type { Policy } from "@/api/types";

const paged = { pageParamName: "cursor", initialPageParam: null, getNextPageParam: nextCursor };
const LIMIT = 200;

export const usePolicies = () =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/approvals/policies",
    { params: { query: { limit: LIMIT } } },
    paged,
  );

export const useFreezes = () =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/approvals/freezes",
    { params: { query: { limit: LIMIT } } },
    paged,
  );

export const useEffective = (project: number, tier: Policy["tier"], action: Policy["action"]) =>
  $api.useQuery("get", "/api/v1/approvals/policies/effective", {
    params: { query: { project, tier, action } },
  });

/** After any write: everything shown may have changed. */
export function useChanged() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries();
}
