import { Button, Group, Table, Text } from "@mantine/core";

import { useMe } from "@/api/me";
import type { Policy } from "@/api/types";
import { PriorityBadge, TierBadge } from "@/components/badges";
import { Pill } from "@/components/Pill";
import classes from "@/components/table.module.css";

import { excludedText, formatMinutes } from "./policyForm";
import { useRights } from "./rights";
import { scopeName } from "./scope";
import { ACTION_LABELS, RULE_LABELS } from "./words";

const COLUMNS = [
  "Holds in",
  "Tier",
  "Action",
  "Approvals",
  "Excluded",
  "Expires",
  "Priority",
  "Once approved",
  "Forbidden",
];

interface Props {
  policies: Policy[];
  onEdit: (policy: Policy) => void;
  onDelete: (policy: Policy) => void;
}

export function PolicyTable({ policies, onEdit, onDelete }: Props) {
  return (
    <Table.ScrollContainer type="native" minWidth={1020}>
      <Table className={classes.table} aria-label="Policies">
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {policies.map((policy) => (
            <PolicyRow
              key={policy.id}
              policy={policy}
              onEdit={() => onEdit(policy)}
              onDelete={() => onDelete(policy)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface RowProps {
  policy: Policy;
  onEdit: () => void;
  onDelete: () => void;
}

function PolicyRow({ policy, onEdit, onDelete }: RowProps) {
  const { projects } = useMe();
  const { may } = useRights();
  const { required_approvals: required = 1, forbids = [] } = policy;
  const scope = scopeName(policy.project_id, projects);
  const name = `${ACTION_LABELS[policy.action]}, ${policy.tier}, ${scope}`;
  return (
    <Table.Tr>
      <Table.Td fw={600}>
        <Group gap={8} wrap="nowrap">
          {scope}
          {policy.enabled === false && <Pill color="gray">Off</Pill>}
        </Group>
      </Table.Td>
      <Table.Td>
        <TierBadge tier={policy.tier} />
      </Table.Td>
      <Table.Td>{ACTION_LABELS[policy.action]}</Table.Td>
      <Table.Td>{required === 0 ? <Dimmed>nobody is asked</Dimmed> : required}</Table.Td>
      <Table.Td className={classes.wrapping} miw={100}>
        {excludedText(policy)}
      </Table.Td>
      <Table.Td>{required === 0 ? "—" : formatMinutes(policy.expires_minutes ?? 30)}</Table.Td>
      <Table.Td>
        <PriorityBadge priority={policy.priority ?? "P2"} />
      </Table.Td>
      <Table.Td>{policy.auto_apply ? "runs" : "waits"}</Table.Td>
      <Table.Td className={classes.wrapping} miw={130}>
        {forbids.length === 0 ? (
          <Dimmed>nothing</Dimmed>
        ) : (
          forbids.map((rule) => RULE_LABELS[rule]).join(", ")
        )}
      </Table.Td>
      <Table.Td ta="right">
        {may(policy.project_id) && (
          <Group gap={6} wrap="nowrap" justify="flex-end">
            <Button
              size="compact-xs"
              variant="default"
              onClick={onEdit}
              aria-label={`Edit ${name}`}
            >
              Edit
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              onClick={onDelete}
              aria-label={`Delete ${name}`}
            >
              Delete
            </Button>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Dimmed({ children }: { children: string }) {
  return (
    <Text span inherit c="dimmed">
      {children}
    </Text>
  );
}
