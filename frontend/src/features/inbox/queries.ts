import { $api } from "@/api/client";

/** How many tickets wait for a decision, for the badge in the navigation. */
export function usePendingCount(): number {
  const summary = $api.useQuery("get", "/api/v1/approvals/inbox/summary", undefined, {
    refetchInterval: 30_000,
  });
  const pending = summary.data?.by_status.pending;
  return typeof pending === "number" ? pending : 0;
}
