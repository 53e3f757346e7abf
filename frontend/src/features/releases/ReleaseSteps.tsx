import { Table, Text } from "@mantine/core";

import { describeReason } from "@/api/errors";
import type { ReleaseStep } from "@/api/types";
import { Fold } from "@/components/Fold";
import { StatusPill } from "@/components/StatusPill";
import classes from "@/components/table.module.css";
import { formatMilliseconds } from "@/lib/time";

const SHORT = 8;

/** The run, step by step; on a cluster there are no nodes to name. */
export function ReleaseSteps({ steps }: { steps: ReleaseStep[] }) {
  const onNodes = steps.some(({ node }) => node !== null);
  const done = steps.filter(({ status }) => status === "succeeded").length;
  return (
    <Fold
      open={steps.length <= SHORT}
      head={
        <>
          <Text span size="sm" fw={600}>
            Steps
          </Text>
          <Text span size="xs" c="dimmed">
            {done} of {steps.length} succeeded
          </Text>
        </>
      }
    >
      <Table.ScrollContainer type="native" minWidth={360}>
        <Table className={classes.table} aria-label="Steps">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Step</Table.Th>
              {onNodes && <Table.Th>Node</Table.Th>}
              <Table.Th>Status</Table.Th>
              <Table.Th>Reason</Table.Th>
              <Table.Th ta="right">Duration</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {steps.map(({ id, hook, node, status, reason_code: reason, duration_ms: duration }) => (
              <Table.Tr key={id}>
                <Table.Td fw={600}>{hook}</Table.Td>
                {onNodes && <Table.Td>{node?.name ?? "—"}</Table.Td>}
                <Table.Td>
                  <StatusPill status={status} />
                </Table.Td>
                <Table.Td>{describeReason(reason) ?? ""}</Table.Td>
                <Table.Td ta="right" style={{ fontVariantNumeric: "tabular-nums" }}>
                  {duration === null ? "—" : formatMilliseconds(duration)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Fold>
  );
}
