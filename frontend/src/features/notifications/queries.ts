import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { $api, answerOf, api } from "@/api/client";
import { nextCursor } from "@/api/cursor";
import type { Channel, ChannelRequest } from "@/api/types";

const paged = { pageParamName: "cursor", initialPageParam: null, getNextPageParam: nextCursor };
const DELIVERIES_POLL_MS = 5_000;

export const useChannels = (project: number) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project_pk}/notifications",
    { params: { path: { project_pk: String(project) }, query: { limit: 50 } } },
    paged,
  );

/** Asked again while the page is open: a worker sends them, and tries again. */
export const useDeliveries = (project: number, channel: number) =>
  $api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project_pk}/notifications/{id}/deliveries",
    {
      params: {
        path: { project_pk: String(project), id: String(channel) },
        query: { limit: 50 },
      },
    },
    { ...paged, refetchInterval: DELIVERIES_POLL_MS },
  );

/** After any write: everything shown may have changed. */
export function useChanged() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries();
}

const CHANNEL = "/api/v1/projects/{project_pk}/notifications/{id}";

/**
 * Writes of channels. No mutations of the query client: those keep what was sent and answered, and
 * an address holds tokens, a signing secret is shown once. Each answers the signing secret, which is
 * empty where there is none to show; undefined when it failed.
 */
export function useChannelWrites(project: number) {
  const changed = useChanged();
  const [state, setState] = useState<{ pending: boolean; error: unknown }>({
    pending: false,
    error: null,
  });
  const project_pk = String(project);
  const path = ({ id }: Channel) => ({ params: { path: { project_pk, id: String(id) } } });

  const run = async (write: () => Promise<string>): Promise<string | undefined> => {
    setState({ pending: true, error: null });
    try {
      const secret = await write();
      setState({ pending: false, error: null });
      void changed();
      return secret;
    } catch (error) {
      setState({ pending: false, error });
      return undefined;
    }
  };

  return {
    ...state,
    create: (body: ChannelRequest) =>
      run(async () => {
        const made = await answerOf(
          api.POST("/api/v1/projects/{project_pk}/notifications", {
            params: { path: { project_pk } },
            body,
          }),
        );
        return made.signing_secret;
      }),
    change: (channel: Channel, body: Partial<Omit<ChannelRequest, "kind">>) =>
      run(async () => {
        await api.PATCH(CHANNEL, { ...path(channel), body });
        return "";
      }),
    rotate: (channel: Channel) =>
      run(async () => {
        const answer = await answerOf(api.POST(`${CHANNEL}/rotate`, path(channel)));
        return answer.signing_secret;
      }),
  };
}
