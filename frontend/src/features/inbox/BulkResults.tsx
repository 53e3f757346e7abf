import { Button, Group, Stack, Text } from "@mantine/core";

import { describeError } from "@/api/errors";
import { freezeOf } from "@/api/freeze";
import type { BulkTicket } from "@/api/types";
import { Pill } from "@/components/Pill";
import { formatLocal } from "@/lib/localTime";

import { bulkSentence } from "./selection";
import classes from "./TicketList.module.css";

interface Props {
  results: BulkTicket[];
  decision: "approve" | "reject";
  onClose: () => void;
}

/** Ticket by ticket, the refused ones first. */
export function BulkResults({ results, decision, onClose }: Props) {
  const sorted = [...results].sort((one, other) => Number(one.ok) - Number(other.ok));
  return (
    <Stack>
      <Text size="sm" fw={600} role="status">
        {bulkSentence(results, decision)}
      </Text>
      <ul className={classes.list} aria-label="Results">
        {sorted.map((result) => (
          <li key={result.ticket} className={classes.result}>
            <Text span size="sm" fw={600}>
              {result.ticket}
            </Text>
            <Pill color={result.ok ? "green" : "red"}>{outcome(result, decision)}</Pill>
            {result.error && (
              <Text size="sm" w="100%">
                {whyRefused(result.error)}
              </Text>
            )}
          </li>
        ))}
      </ul>
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

/** A freeze also says until when. */
function whyRefused(error: unknown): string {
  const freeze = freezeOf(error);
  if (!freeze?.endsAt) return describeError(error);
  return `Frozen until ${formatLocal(freeze.endsAt)}: ${freeze.reason}`;
}

/** An approval may be one vote of several that are needed. */
function outcome({ ok, status }: BulkTicket, decision: Props["decision"]): string {
  if (!ok) return "Not decided";
  if (decision === "reject") return "Rejected";
  return status === "pending" ? "Your vote counts; more are needed" : "Approved";
}
