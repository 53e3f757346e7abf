import { Group, Text } from "@mantine/core";
import { useState } from "react";

import { allResults } from "@/api/cursor";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";

import { BulkBar } from "./BulkBar";
import { type InboxFilters, isFiltered } from "./filters";
import { onListKey } from "./listKeys";
import { useInbox } from "./queries";
import { chosenOf, decidable, toggled } from "./selection";
import classes from "./TicketList.module.css";
import { TicketRow } from "./TicketRow";

interface Props {
  search: InboxFilters & { project?: number };
  selected: string | undefined;
}

const EMPTY = {
  mine: ["Nothing waits for you", "Tickets that you may decide on appear here."],
  pending: ["Nothing is pending", "Changes that need an approval appear here."],
  all: ["No tickets yet", "The first change that needs an approval makes the first one."],
  filtered: ["No ticket fits these filters", "Clear one of them to see more."],
} as const;

export function TicketList({ search, selected }: Props) {
  const inbox = useInbox(search);
  const items = allResults(inbox.data);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const chosen = chosenOf(items, picked);
  const open = decidable(items);
  const [title, hint] = EMPTY[isFiltered(search) ? "filtered" : (search.scope ?? "mine")];
  const pick = (ticket: string) => setPicked(toggled(new Set(chosen), ticket));
  return (
    <Panel flush>
      <BulkBar open={open} chosen={chosen} onChoose={(tickets) => setPicked(new Set(tickets))} />
      {inbox.isPending ? (
        <TableSkeleton rows={5} />
      ) : inbox.isError && items.length === 0 ? (
        <ErrorNotice error={inbox.error} onRetry={() => void inbox.refetch()} />
      ) : items.length === 0 ? (
        <EmptyState title={title}>{hint}</EmptyState>
      ) : (
        <>
          <ul className={classes.list} aria-label="Tickets" data-choosable={open.length > 0}>
            {items.map((item) => (
              <TicketRow
                key={item.ticket}
                item={item}
                selected={item.ticket === selected}
                chosen={open.includes(item.ticket) ? chosen.includes(item.ticket) : undefined}
                onChoose={() => pick(item.ticket)}
                onKeyDown={onListKey}
              />
            ))}
          </ul>
          <Group p="xs" visibleFrom="lg" justify="center">
            <Text size="xs" c="dimmed">
              ↑ ↓ move{open.length > 0 && " · X chooses"} · Enter opens
            </Text>
          </Group>
        </>
      )}
      <LoadMore {...inbox} />
    </Panel>
  );
}
