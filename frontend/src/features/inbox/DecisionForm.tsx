import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import { useMe } from "@/api/me";
import type { InboxItemDetail } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Panel } from "@/components/Panel";
import { useNow } from "@/lib/useNow";

import { useTicketChanged } from "./queries";

/** One comment box for all that can be said: approve, reject (with a reason) or just comment. */
export function DecisionForm({ item }: { item: InboxItemDetail }) {
  const { user } = useMe();
  const now = useNow();
  const changed = useTicketChanged();
  const [comment, setComment] = useState("");
  const [missing, setMissing] = useState(false);
  const done = async (answer: InboxItemDetail) => {
    setComment("");
    await changed(answer);
  };
  const approve = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/approve", {
    onSuccess: done,
  });
  const reject = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/reject", {
    onSuccess: done,
  });
  const say = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/comment", {
    onSuccess: done,
  });
  const params = { path: { ticket: item.ticket } };
  const busy = approve.isPending || reject.isPending || say.isPending;
  const failed = [approve, reject, say].find(({ isError }) => isError);
  const pending = item.status === "pending";

  /** Runs an action that needs the comment, or points at the empty box. */
  const withComment = (action: () => void) => {
    setMissing(comment.trim() === "");
    if (comment.trim() !== "") action();
  };

  return (
    <Panel title={pending && item.can_review ? "Decide" : "Discussion"}>
      <Stack gap="sm">
        {pending && !item.can_review && (
          <Text size="sm" c="dimmed" role="note">
            {whyNot(item, user.username, now)}
          </Text>
        )}
        <Textarea
          label="Comment"
          description={
            pending && item.can_review ? "Optional to approve, needed to reject" : undefined
          }
          value={comment}
          onChange={(event) => {
            setComment(event.currentTarget.value);
            setMissing(false);
          }}
          error={missing ? "Say why in a few words." : fieldErrors(failed?.error).comment}
          autosize
          minRows={2}
        />
        {failed && <ErrorNotice error={failed.error} />}
        <Group gap="xs">
          {pending && item.can_review && (
            <>
              <Button
                color="green.8"
                loading={approve.isPending}
                disabled={busy}
                onClick={() => approve.mutate({ params, body: { comment } })}
              >
                Approve
              </Button>
              <Button
                color="red.8"
                loading={reject.isPending}
                disabled={busy}
                onClick={() => withComment(() => reject.mutate({ params, body: { comment } }))}
              >
                Reject
              </Button>
            </>
          )}
          <Button
            variant="default"
            loading={say.isPending}
            disabled={busy}
            onClick={() => withComment(() => say.mutate({ params, body: { comment } }))}
          >
            Add comment
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

/** Why the caller may not decide, as far as the ticket tells. */
function whyNot(item: InboxItemDetail, username: string, now: number): string {
  if (Date.parse(item.expires_at) <= now) {
    return "This ticket has expired, so nobody can decide on it any more.";
  }
  if (item.requested_by === username) {
    return "You asked for this change, so someone else has to decide on it.";
  }
  return "You can't decide on this ticket: it needs the right to review here, and a person who did not ask for the change, preview it or own the bot that did.";
}
