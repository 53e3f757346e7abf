import { keepPreviousData } from "@tanstack/react-query";

import { $api } from "@/api/client";

import type { WindowDays } from "./windows";

/** The figures of the last `days` days; those of the former window stay until they are there. */
export const useMetrics = (project: number | undefined, days: WindowDays) =>
  $api.useQuery(
    "get",
    "/api/v1/deploy/metrics/summary",
    { params: { query: { project, window: `${days}d` } } },
    { placeholderData: keepPreviousData },
  );
