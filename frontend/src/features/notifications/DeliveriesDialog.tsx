import { Modal, Table } from "@mantine/core";

import { allResults } from "@/api/cursor";
import type { Channel, Delivery } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LoadMore } from "@/components/LoadMore";
import { Pill } from "@/components/Pill";
import { RelativeTime } from "@/components/RelativeTime";
import classes from "@/components/table.module.css";
import { TableSkeleton } from "@/components/TableSkeleton";

import { eventLabel } from "./events";
import { useDeliveries } from "./queries";

interface Props {
  project: number;
  channel: Channel;
  onClose: () => void;
}

/** What was told to a channel, and what was not: the newest first. */
export function DeliveriesDialog({ project, channel, onClose }: Props) {
  const deliveries = useDeliveries(project, channel.id);
  const rows = allResults(deliveries.data);
  return (
    <Modal opened onClose={onClose} title={`Deliveries to ${channel.name}`} size="xl">
      {deliveries.isPending ? (
        <TableSkeleton rows={4} />
      ) : deliveries.isError && rows.length === 0 ? (
        <ErrorNotice error={deliveries.error} onRetry={() => void deliveries.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState title="Nothing was sent yet">
          Each event that the channel hears of shows here, with what became of it. Tests don&apos;t.
        </EmptyState>
      ) : (
        <DeliveryTable deliveries={rows} />
      )}
      <LoadMore {...deliveries} />
    </Modal>
  );
}

const STATES = {
  pending: { color: "orange", label: "Waiting" },
  sent: { color: "green", label: "Sent" },
  failed: { color: "red", label: "Given up" },
} as const;

function DeliveryTable({ deliveries }: { deliveries: Delivery[] }) {
  return (
    <Table.ScrollContainer type="native" minWidth={560}>
      <Table className={classes.table} aria-label="Deliveries">
        <Table.Thead>
          <Table.Tr>
            {["Event", "State", "Attempts", "Happened", "Sent", "Last error"].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { color, label } = STATES[delivery.status];
  return (
    <Table.Tr>
      <Table.Td>{eventLabel(delivery.event)}</Table.Td>
      <Table.Td>
        <Pill color={color}>{label}</Pill>
      </Table.Td>
      <Table.Td className={classes.numbers}>{delivery.attempts}</Table.Td>
      <Table.Td>
        <RelativeTime iso={delivery.created_at} />
      </Table.Td>
      <Table.Td>
        {delivery.status === "pending" && delivery.attempts > 0 ? (
          <>
            again <RelativeTime iso={delivery.next_attempt_at} />
          </>
        ) : (
          <RelativeTime iso={delivery.sent_at} />
        )}
      </Table.Td>
      <Table.Td className={classes.wrapping}>{delivery.last_error || "—"}</Table.Td>
    </Table.Tr>
  );
}
