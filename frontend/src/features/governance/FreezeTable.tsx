import { Button, Group, Table, Text } from "@mantine/core";

import { useMe } from "@/api/me";
import type { FreezeWindow } from "@/api/types";
import { TierBadge } from "@/components/badges";
import { Pill } from "@/components/Pill";
import classes from "@/components/table.module.css";
import { describeZone, toLocalInput } from "@/lib/localTime";
import { useNow } from "@/lib/useNow";

import { describeWindow, freezeState } from "./freezeForm";
import { useRights } from "./rights";
import { scopeName } from "./scope";

const STATES = {
  off: { color: "gray", label: "Off" },
  now: { color: "orange", label: "Frozen now" },
  ahead: { color: "blue", label: "Ahead" },
  over: { color: "gray", label: "Over" },
  weekly: { color: "blue", label: "Every week" },
} as const;

interface Props {
  freezes: FreezeWindow[];
  onEdit: (freeze: FreezeWindow) => void;
  onDelete: (freeze: FreezeWindow) => void;
}

export function FreezeTable({ freezes, onEdit, onDelete }: Props) {
  return (
    <Table.ScrollContainer type="native" minWidth={860}>
      <Table className={classes.table} aria-label="Freezes">
        <Table.Thead>
          <Table.Tr>
            {["Holds in", "Tier", "State", "Reason", "When"].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {freezes.map((freeze) => (
            <FreezeRow
              key={freeze.id}
              freeze={freeze}
              onEdit={() => onEdit(freeze)}
              onDelete={() => onDelete(freeze)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface RowProps {
  freeze: FreezeWindow;
  onEdit: () => void;
  onDelete: () => void;
}

function FreezeRow({ freeze, onEdit, onDelete }: RowProps) {
  const { projects } = useMe();
  const { may } = useRights();
  const now = useNow();
  const { color, label } = STATES[freezeState(freeze, now)];
  return (
    <Table.Tr>
      <Table.Td fw={600}>{scopeName(freeze.project_id, projects)}</Table.Td>
      <Table.Td>
        <TierBadge tier={freeze.tier} />
      </Table.Td>
      <Table.Td>
        <Pill color={color}>{label}</Pill>
      </Table.Td>
      <Table.Td className={classes.wrapping}>{freeze.reason}</Table.Td>
      <Table.Td>
        <When freeze={freeze} />
      </Table.Td>
      <Table.Td ta="right">
        {may(freeze.project_id) && (
          <Group gap={6} wrap="nowrap" justify="flex-end">
            <Button
              size="compact-xs"
              variant="default"
              onClick={onEdit}
              aria-label={`Edit the freeze: ${freeze.reason}`}
            >
              Edit
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              onClick={onDelete}
              aria-label={`Delete the freeze: ${freeze.reason}`}
            >
              Delete
            </Button>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function When({ freeze }: { freeze: FreezeWindow }) {
  const { starts_at: starts, ends_at: ends, weekly = [] } = freeze;
  if (!starts || !ends) {
    return weekly.map((window) => (
      <Text key={describeWindow(window)} inherit>
        {describeWindow(window)}
      </Text>
    ));
  }
  const clock = (iso: string) => toLocalInput(iso).replace("T", " ");
  return (
    <>
      {clock(starts)} to {clock(ends)}
      <Text size="xs" c="dimmed">
        {describeZone(Date.parse(starts))}
      </Text>
    </>
  );
}
