import { Button, Code, Group, Table, Text } from "@mantine/core";

import { $api } from "@/api/client";
import { useCan } from "@/api/me";
import type { Environment, EnvironmentNode } from "@/api/types";
import { Digest } from "@/components/Digest";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Panel } from "@/components/Panel";
import { RelativeTime } from "@/components/RelativeTime";
import { StatusPill } from "@/components/StatusPill";
import classes from "@/components/table.module.css";
import { TableSkeleton } from "@/components/TableSkeleton";

import { factsLine, nodeStatus } from "./facts";
import { useChanged, useNodes } from "./queries";

export function NodesPanel({ environment }: { environment: Environment }) {
  const nodes = useNodes(environment.id);
  const rows = nodes.data?.results.toSorted((a, b) => a.name.localeCompare(b.name)) ?? [];
  return (
    <Panel title="Nodes" flush>
      {nodes.isPending ? (
        <TableSkeleton rows={3} />
      ) : nodes.isError ? (
        <ErrorNotice error={nodes.error} onRetry={() => void nodes.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState title="No nodes yet">Hosts are added by a platform admin.</EmptyState>
      ) : (
        <Table.ScrollContainer type="native" minWidth={980}>
          <Table className={classes.table} aria-label="Nodes">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Node</Table.Th>
                <Table.Th>Status</Table.Th>
                <Table.Th>Role</Table.Th>
                <Table.Th>Address</Table.Th>
                <Table.Th>Host key</Table.Th>
                <Table.Th>Facts</Table.Th>
                <Table.Th aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((node) => (
                <NodeRow key={node.id} node={node} environment={environment} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}

function NodeRow({ node, environment }: { node: EnvironmentNode; environment: Environment }) {
  const mayManage = useCan(environment.project_id, "environment_manage");
  const changed = useChanged();
  const check = $api.useMutation("post", "/api/v1/environments/{environment_pk}/nodes/{id}/check", {
    onSettled: changed,
  });
  return (
    <>
      <Table.Tr>
        <Table.Td fw={600}>{node.name}</Table.Td>
        <Table.Td>
          <StatusPill status={nodeStatus(node)} />
        </Table.Td>
        <Table.Td>{node.role.replaceAll("_", " ")}</Table.Td>
        <Table.Td>
          <Code>
            {node.user}@{node.host}:{node.port}
          </Code>
        </Table.Td>
        <Table.Td>
          {node.fingerprint ? (
            <Digest value={node.fingerprint} label={`fingerprint of ${node.name}`} />
          ) : (
            <Text span size="sm" c="dimmed">
              not enrolled
            </Text>
          )}
        </Table.Td>
        <Table.Td>
          {factsLine(node.facts)}{" "}
          {node.checked_at && (
            <Text span size="xs" c="dimmed">
              checked <RelativeTime iso={node.checked_at} />
            </Text>
          )}
        </Table.Td>
        <Table.Td>
          {mayManage && (
            <Group justify="flex-end">
              <Button
                size="compact-xs"
                variant="default"
                disabled={!node.fingerprint}
                loading={check.isPending}
                aria-label={`Check ${node.name}`}
                onClick={() =>
                  check.mutate({
                    params: {
                      path: { environment_pk: String(environment.id), id: String(node.id) },
                    },
                  })
                }
              >
                Check
              </Button>
            </Group>
          )}
        </Table.Td>
      </Table.Tr>
      {check.isError && (
        <Table.Tr>
          <Table.Td colSpan={7}>
            <ErrorNotice error={check.error} title={`${node.name} could not be checked`} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}
