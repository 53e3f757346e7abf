import { useQueryClient } from "@tanstack/react-query";

import { $api } from "@/api/client";
import { nextCursor } from "@/api/cursor";
import type { InboxItemDetail } from "@/api/types";

import type { InboxFilters } from "./filters";

const ITEM = "/api/v1/approvals/inbox/{ticket}";
const LIST_POLL_MS = 15_000;
const ITEM_POLL_MS = 8_000;

/** Counts over everything the caller sees, whatever project or filter is chosen. */
export const useInboxSummary = () =>
  $api.useQuery("get", "/api/v1/approvals/inbox/summary", undefined, {
    refetchInterval: LIST_POLL_MS,
  }).data;

/** Others add tickets and decide on them, so a list of open ones is asked again. */
export const useInbox = ({ scope = "mine", ...filters }: InboxFilters & { project?: number }) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/approvals/inbox",
    { params: { query: { scope, ...filters, limit: 50 } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: nextCursor,
      refetchInterval: scope === "all" ? false : LIST_POLL_MS,
    },
  );

export const useTicket = (ticket: string) =>
  $api.useQuery(
    "get",
    ITEM,
    { params: { path: { ticket } } },
    { refetchInterval: ({ state }) => (state.data?.status === "pending" ? ITEM_POLL_MS : false) },
  );

/** What to do after a decision or a comment: show its answer at once, and ask again for the rest. */
export function useTicketChanged() {
  const queryClient = useQueryClient();
  return async (item: InboxItemDetail) => {
    const { queryKey } = $api.queryOptions("get", ITEM, {
      params: { path: { ticket: item.ticket } },
    });
    queryClient.setQueryData(queryKey, item);
    await queryClient.invalidateQueries();
  };
}

/** After any write: everything shown may have changed. */
export function useChanged() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries();
}
