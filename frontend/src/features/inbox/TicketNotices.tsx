import { Alert, Stack, Text } from "@mantine/core";

import type { InboxItemDetail } from "@/api/types";
import { useNow } from "@/lib/useNow";

import { lastWords } from "./story";

/** What a reviewer has to know before anything else. */
export function TicketNotices({ item }: { item: InboxItemDetail }) {
  const now = useNow();
  const pending = item.status === "pending";
  const expired = item.status === "expired" || (pending && Date.parse(item.expires_at) <= now);
  return (
    <>
      {item.stranded && !expired && <Stranded {...item.stranded} />}
      {item.broke_glass && (
        <Alert color="red" title="Approved by break-glass: in an emergency, without the votes">
          <Quote text={item.freeze_override} />
        </Alert>
      )}
      {item.freeze_override && !item.broke_glass && (
        <Alert
          color="orange"
          title={pending ? "This asks to go through a freeze" : "Sent through a freeze"}
        >
          <Quote text={item.freeze_override} />
        </Alert>
      )}
      {item.reason_code === "preview_mismatch" && (
        <Alert color="gray" title="This ticket is void">
          <Quote text={lastWords(item.actions, "cancelled")} />
        </Alert>
      )}
      {expired && (
        <Alert color="gray" title="Expired">
          Nobody decided in time. The change has to be asked for again.
        </Alert>
      )}
    </>
  );
}

function Quote({ text }: { text: string }) {
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-line" }}>
      {text}
    </Text>
  );
}

function Stranded({ missing, eligible }: { missing: number; eligible: number }) {
  const needed =
    missing === 1 ? "1 more approval is needed" : `${missing} more approvals are needed`;
  const people =
    eligible === 0
      ? "nobody is left who could give one"
      : `only ${eligible} ${eligible === 1 ? "person" : "people"} could still give one`;
  return (
    <Alert color="red" title="Nobody can complete this ticket" role="alert">
      <Stack gap={4}>
        <Text size="sm">
          {needed}, and {people}: who asked for the change or has a part in it doesn&apos;t count.
        </Text>
        <Text size="sm">
          <b>What helps:</b> someone who manages the project gives more people the role of an
          approver; this ticket then goes on. A policy that is changed now counts only for new
          tickets.
        </Text>
      </Stack>
    </Alert>
  );
}
