import { $api } from "@/api/client";
import { nextCursor } from "@/api/cursor";

export const useClusters = (project?: number) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/clusters",
    { params: { query: { project, limit: 50 } } },
    { pageParamName: "cursor", initialPageParam: null, getNextPageParam: nextCursor },
  );
