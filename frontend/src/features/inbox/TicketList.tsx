import { Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { allResults } from "@/api/cursor";
import type { InboxItem } from "@/api/types";
import { PriorityBadge, RiskBadge } from "@/components/badges";
import { Countdown } from "@/components/Countdown";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import { RelativeTime } from "@/components/RelativeTime";
import { TableSkeleton } from "@/components/TableSkeleton";

import type { InboxFilters } from "./filters";
import { useInbox } from "./queries";
import classes from "./TicketList.module.css";
import { TicketStatus } from "./TicketStatus";

interface Props {
  search: InboxFilters & { project?: number };
  selected: string | undefined;
}

const EMPTY = {
  mine: ["Nothing waits for you", "Tickets that you may decide on appear here."],
  pending: ["Nothing is pending", "Changes that need an approval appear here."],
  all: ["No tickets yet", "The first change that needs an approval makes the first one."],
} as const;

export function TicketList({ search, selected }: Props) {
  const inbox = useInbox(search);
  const items = allResults(inbox.data);
  const [title, hint] = EMPTY[search.scope ?? "mine"];
  return (
    <Panel flush>
      {inbox.isPending ? (
        <TableSkeleton rows={5} />
      ) : inbox.isError && items.length === 0 ? (
        <ErrorNotice error={inbox.error} onRetry={() => void inbox.refetch()} />
      ) : items.length === 0 ? (
        <EmptyState title={title}>{hint}</EmptyState>
      ) : (
        <ul className={classes.list} aria-label="Tickets">
          {items.map((item) => (
            <li key={item.ticket}>
              <TicketRow item={item} selected={item.ticket === selected} />
            </li>
          ))}
        </ul>
      )}
      <LoadMore {...inbox} />
    </Panel>
  );
}

function TicketRow({ item, selected }: { item: InboxItem; selected: boolean }) {
  return (
    <Link
      to="/inbox/$ticket"
      params={{ ticket: item.ticket }}
      search={(current) => current}
      className={classes.row}
      aria-current={selected || undefined}
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
          <PriorityBadge priority={item.priority} />
          <RiskBadge level={item.risk} />
          <Text span size="xs" c="dimmed">
            {item.ticket} · {item.requested_by}
            {item.source !== "ui" && ` via ${item.source.toUpperCase()}`}
          </Text>
        </Group>
      </Stack>
    </Link>
  );
}
