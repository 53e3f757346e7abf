import { Button, Code, Table, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";

import { $api } from "@/api/client";
import { useCan, useMe } from "@/api/me";
import type { Cluster } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { RelativeTime } from "@/components/RelativeTime";
import { StatusPill } from "@/components/StatusPill";
import classes from "@/components/table.module.css";
import { useNow } from "@/lib/useNow";

import { Answer } from "./Answer";
import { expiryColor } from "./expiry";

const COLUMNS = [
  "Cluster",
  "Status",
  "Version",
  "Address",
  "Credential ends",
  "Checked",
  "Project",
];

export function ClusterTable({ clusters }: { clusters: Cluster[] }) {
  return (
    <Table.ScrollContainer type="native" minWidth={860}>
      <Table className={classes.table} aria-label="Clusters">
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {clusters.map((cluster) => (
            <ClusterRow key={cluster.id} cluster={cluster} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ClusterRow({ cluster }: { cluster: Cluster }) {
  const mayManage = useCan(cluster.project_id, "cluster_manage");
  const project = useMe().projects.find(({ id }) => id === cluster.project_id);
  const queryClient = useQueryClient();
  const test = $api.useMutation("post", "/api/v1/clusters/{id}/test", {
    onSettled: () => queryClient.invalidateQueries(),
  });
  return (
    <>
      <Table.Tr>
        <Table.Td fw={600}>{cluster.name}</Table.Td>
        <Table.Td>
          <StatusPill status={cluster.status} />
        </Table.Td>
        <Table.Td>{cluster.version || "—"}</Table.Td>
        <Table.Td>
          <Code>{cluster.endpoint}</Code>
        </Table.Td>
        <Table.Td>
          <Expiry cluster={cluster} />
        </Table.Td>
        <Table.Td>
          <RelativeTime iso={cluster.last_checked_at} />
        </Table.Td>
        <Table.Td>{project?.name ?? "—"}</Table.Td>
        <Table.Td ta="right">
          {mayManage && (
            <Button
              size="compact-xs"
              variant="default"
              loading={test.isPending}
              aria-label={`Test ${cluster.name}`}
              onClick={() => test.mutate({ params: { path: { id: String(cluster.id) } } })}
            >
              Test
            </Button>
          )}
        </Table.Td>
      </Table.Tr>
      {(test.data ?? test.error) && (
        <Table.Tr>
          <Table.Td colSpan={COLUMNS.length + 1} className={classes.wrapping}>
            {test.data ? (
              <Answer answer={test.data} />
            ) : (
              <ErrorNotice error={test.error} title={`${cluster.name} could not be tested`} />
            )}
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function Expiry({ cluster: { expires_at: expiresAt } }: { cluster: Cluster }) {
  const now = useNow();
  if (expiresAt === null) {
    return (
      <Text span inherit c="dimmed">
        not known
      </Text>
    );
  }
  const color = expiryColor(expiresAt, now);
  return (
    <Text
      span
      inherit
      c={color && `light-dark(var(--mantine-color-${color}-8), var(--mantine-color-${color}-4))`}
    >
      <RelativeTime iso={expiresAt} />
    </Text>
  );
}
