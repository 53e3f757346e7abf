import { Button, Group, Stack } from "@mantine/core";
import { useState } from "react";

import { $api } from "@/api/client";
import { useCan, useMe } from "@/api/me";
import { useUsers } from "@/api/names";
import type { InboxItemDetail } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { AssignDialog } from "./AssignDialog";
import { BreakGlassDialog } from "./BreakGlassDialog";
import { CancelRequestDialog } from "./CancelRequestDialog";
import { useTicketChanged } from "./queries";

type Dialog = "assign" | "cancel" | "break-glass";

/** What can be done with a pending ticket besides deciding it. */
export function TicketActions({ item }: { item: InboxItemDetail }) {
  const { user } = useMe();
  const mine = useIsMine(item);
  const mayReview = useCan(item.project_id, "approval_review") || item.can_review;
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const changed = useTicketChanged();
  const claim = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/claim", {
    onSuccess: changed,
  });
  const close = () => setDialog(null);
  const mayClaim = item.can_review && item.assigned_to !== user.username;
  if (item.status !== "pending") return null;
  if (!mayClaim && !mayReview && !mine && !item.may_break_glass) return null;
  return (
    <Stack gap="xs">
      <Group gap="xs" role="group" aria-label="Ticket">
        {mayClaim && (
          <Button
            variant="default"
            loading={claim.isPending}
            onClick={() => claim.mutate({ params: { path: { ticket: item.ticket } } })}
          >
            Claim
          </Button>
        )}
        {mayReview && (
          <Button variant="default" onClick={() => setDialog("assign")}>
            Assign…
          </Button>
        )}
        {mine && (
          <Button variant="default" onClick={() => setDialog("cancel")}>
            Cancel request…
          </Button>
        )}
        {item.may_break_glass && (
          <Button color="red.8" ml="auto" onClick={() => setDialog("break-glass")}>
            Break glass…
          </Button>
        )}
      </Group>
      {claim.isError && <ErrorNotice error={claim.error} title="You did not get this ticket" />}
      {dialog === "assign" && <AssignDialog item={item} onClose={close} />}
      {dialog === "cancel" && <CancelRequestDialog item={item} onClose={close} />}
      {dialog === "break-glass" && <BreakGlassDialog item={item} onClose={close} />}
    </Stack>
  );
}

/** Whether the caller asked for it, or owns the bot that did. */
function useIsMine({ requested_by, source, status }: InboxItemDetail): boolean {
  const { user } = useMe();
  const maybeBot = source !== "ui" && status === "pending" && requested_by !== user.username;
  const users = useUsers(maybeBot).data ?? [];
  const requester = users.find(({ username }) => username === requested_by);
  return requested_by === user.username || (maybeBot && requester?.owner_id === user.id);
}
