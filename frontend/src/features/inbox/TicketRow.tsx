import { Checkbox, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { KeyboardEvent } from "react";

import type { InboxItem } from "@/api/types";
import { PriorityBadge, RiskBadge } from "@/components/badges";
import { Countdown } from "@/components/Countdown";
import { RelativeTime } from "@/components/RelativeTime";

import { viaSource } from "./story";
import classes from "./TicketList.module.css";
import { TicketMarks, TicketStatus } from "./TicketStatus";

interface Props {
  item: InboxItem;
  /** Its page is open beside the list. */
  selected: boolean;
  /** Chosen to be decided with others; undefined where the caller may not decide it. */
  chosen: boolean | undefined;
  onChoose: () => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

export function TicketRow({ item, selected, chosen, onChoose, onKeyDown }: Props) {
  return (
    <li className={classes.item} data-current={selected || undefined}>
      {chosen !== undefined && (
        <Checkbox
          className={classes.box}
          aria-label={`Choose ${item.ticket}`}
          checked={chosen}
          onChange={onChoose}
        />
      )}
      <Link
        to="/inbox/$ticket"
        params={{ ticket: item.ticket }}
        search={(current) => current}
        className={classes.row}
        aria-current={selected || undefined}
        onKeyDown={onKeyDown}
      >
        <Stack gap={4}>
          <Group justify="space-between" wrap="nowrap" gap="sm">
            <Text size="sm" fw={600} truncate>
              {item.title}
            </Text>
            {item.status === "pending" && item.expires_at ? (
              <Countdown until={item.expires_at} />
            ) : (
              <Text span size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                <RelativeTime iso={item.decided_at ?? item.created_at} />
              </Text>
            )}
          </Group>
          <Group gap={6}>
            <TicketStatus status={item.status} />
            <TicketMarks item={item} />
            <PriorityBadge priority={item.priority} />
            <RiskBadge level={item.risk} />
            <Text span size="xs" c="dimmed">
              {item.ticket} · {item.requested_by}
              {viaSource(item.source)}
              {item.assigned_to && ` · for ${item.assigned_to}`}
            </Text>
          </Group>
        </Stack>
      </Link>
    </li>
  );
}
