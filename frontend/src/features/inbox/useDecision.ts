import { useState } from "react";

import { $api } from "@/api/client";
import { toApiError } from "@/api/errors";
import { type Freeze, freezeOf } from "@/api/freeze";
import type { InboxItemDetail } from "@/api/types";

import { useChanged, useTicketChanged } from "./queries";

/** Refusals that say the ticket is not what the page shows. */
const OUTDATED = new Set([
  "approval_self_review",
  "approval_already_decided",
  "approval_ticket_expired",
  "preview_mismatch",
]);

export interface Approval {
  comment: string;
  /** An ISO time: not before then. */
  apply_at?: string;
  freeze_override?: string;
}

/** Everything that can be said on a ticket. `freeze`: why an approval was refused until another
 * one goes through; `error`: what else went wrong last. */
export function useDecision(ticket: string, onDone: () => void) {
  const changed = useTicketChanged();
  const refresh = useChanged();
  const [freeze, setFreeze] = useState<Freeze | null>(null);
  const [error, setError] = useState<unknown>(null);
  const options = {
    onMutate: () => setError(null),
    onSuccess: async (answer: InboxItemDetail) => {
      setFreeze(null);
      onDone();
      await changed(answer);
    },
    onError: async (failure: unknown) => {
      const frozen = freezeOf(failure);
      if (frozen) setFreeze(frozen);
      else setError(failure);
      if (OUTDATED.has(toApiError(failure).code)) await refresh();
    },
  };
  const approving = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/approve", options);
  const rejecting = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/reject", options);
  const saying = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/comment", options);
  const params = { path: { ticket } };
  return {
    approve: (approval: Approval) =>
      approving.mutate({ params, body: { freeze_override: "", ...approval } }),
    reject: (comment: string) => rejecting.mutate({ params, body: { comment } }),
    say: (comment: string) => saying.mutate({ params, body: { comment } }),
    pending: { approve: approving.isPending, reject: rejecting.isPending, say: saying.isPending },
    busy: approving.isPending || rejecting.isPending || saying.isPending,
    freeze,
    error,
  };
}
