import { Button, Group, Table, Text } from "@mantine/core";
import { useState } from "react";

import { allResults } from "@/api/cursor";
import { useCan } from "@/api/me";
import type { Cluster, Environment, Target } from "@/api/types";
import { TierBadge } from "@/components/badges";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { TextLink } from "@/components/links";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import classes from "@/components/table.module.css";
import { TableSkeleton } from "@/components/TableSkeleton";
import { RUNTIME_LABELS } from "@/lib/runtimes";

import { useClusters, useEnvironments, useTargets } from "./queries";
import { TargetSettings } from "./TargetSettings";

export function TargetsPanel({ project }: { project: number | undefined }) {
  const targets = useTargets(project);
  const rows = allResults(targets.data);
  return (
    <Panel title="Targets" flush>
      {targets.isPending ? (
        <TableSkeleton rows={4} />
      ) : targets.isError && rows.length === 0 ? (
        <ErrorNotice error={targets.error} onRetry={() => void targets.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState title="No targets yet">
          A target is an environment&apos;s hosts, or a namespace of a Kubernetes cluster.
        </EmptyState>
      ) : (
        <TargetTable targets={rows} project={project} />
      )}
      <LoadMore {...targets} />
    </Panel>
  );
}

function TargetTable({ targets, project }: { targets: Target[]; project: number | undefined }) {
  const environments = useEnvironments(project).data?.results ?? [];
  const clusters = useClusters(project).data?.results ?? [];
  const [settings, setSettings] = useState<Target | null>(null);
  return (
    <>
      <Table.ScrollContainer type="native" minWidth={760}>
        <Table className={classes.table} aria-label="Targets">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Target</Table.Th>
              <Table.Th>Environment</Table.Th>
              <Table.Th>Where</Table.Th>
              <Table.Th>After a failure</Table.Th>
              <Table.Th>Runs now</Table.Th>
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {targets.map((target) => (
              <TargetRow
                key={target.id}
                target={target}
                environment={environments.find(({ id }) => id === target.environment_id)}
                cluster={clusters.find(({ id }) => id === target.cluster_id)}
                onSettings={() => setSettings(target)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {settings && (
        <TargetSettings key={settings.id} target={settings} onClose={() => setSettings(null)} />
      )}
    </>
  );
}

interface RowProps {
  target: Target;
  environment: Environment | undefined;
  cluster: Cluster | undefined;
  onSettings: () => void;
}

function TargetRow({ target, environment, cluster, onSettings }: RowProps) {
  const mayManage = useCan(target.project_id, "environment_manage");
  return (
    <Table.Tr>
      <Table.Td fw={600}>{target.name}</Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          {environment?.name ?? "—"}
          {environment && <TierBadge tier={environment.tier} />}
        </Group>
      </Table.Td>
      <Table.Td>
        {RUNTIME_LABELS[target.runtime_type]},{" "}
        {target.runtime_type === "k8s"
          ? `${target.namespace ?? ""} on ${cluster?.name ?? "a cluster"}`
          : atOnce(target.max_parallel ?? 1)}
      </Table.Td>
      <Table.Td>
        {target.auto_rollback ? (
          "rolled back by itself"
        ) : (
          <Text span inherit c="dimmed">
            a person decides
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {target.last_release_id === null ? (
          <Text span inherit c="dimmed">
            nothing yet
          </Text>
        ) : (
          <TextLink to="/releases/$releaseId" params={{ releaseId: target.last_release_id }}>
            #{target.last_release_id}
          </TextLink>
        )}
      </Table.Td>
      <Table.Td ta="right">
        {mayManage && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={onSettings}
            aria-label={`Settings of ${target.name}`}
          >
            Settings
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const atOnce = (hosts: number): string =>
  hosts === 1 ? "hosts one by one" : `${hosts} hosts at a time`;
