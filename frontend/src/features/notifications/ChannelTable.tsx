import { Table } from "@mantine/core";

import type { Channel } from "@/api/types";
import classes from "@/components/table.module.css";

import { ChannelRow } from "./ChannelRow";

export interface ChannelActions {
  onEdit: (channel: Channel) => void;
  onDelete: (channel: Channel) => void;
  onRotate: (channel: Channel) => void;
  onDeliveries: (channel: Channel) => void;
}

interface Props extends ChannelActions {
  project: number;
  channels: Channel[];
}

export const COLUMNS = ["Channel", "Kind", "Sends to", "Hears of", "State"];

export function ChannelTable({ project, channels, ...actions }: Props) {
  return (
    <Table.ScrollContainer type="native" minWidth={920}>
      <Table className={classes.table} aria-label="Channels">
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {channels.map((channel) => (
            <ChannelRow key={channel.id} project={project} channel={channel} {...actions} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
