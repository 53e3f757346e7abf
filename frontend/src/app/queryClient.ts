import { QueryClient } from "@tanstack/react-query";

import { toApiError } from "@/api/errors";

const WORTH_RETRYING = new Set(["network", "dependency_unavailable", "throttled"]);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && WORTH_RETRYING.has(toApiError(error).code),
    },
  },
});
