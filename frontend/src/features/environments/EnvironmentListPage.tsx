import { Table } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";

import { allResults } from "@/api/cursor";
import { useMe } from "@/api/me";
import type { Environment } from "@/api/types";
import { TierBadge } from "@/components/badges";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LoadMore } from "@/components/LoadMore";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { StatusPill } from "@/components/StatusPill";
import classes from "@/components/table.module.css";
import { TableSkeleton } from "@/components/TableSkeleton";
import { RUNTIME_LABELS } from "@/lib/runtimes";

import { useEnvironments } from "./queries";

export function EnvironmentListPage() {
  const { project } = useSearch({ from: "/shell/environments" });
  const environments = useEnvironments(project);
  const rows = allResults(environments.data);
  return (
    <>
      <PageHeader title="Environments" />
      <Panel flush>
        {environments.isPending ? (
          <TableSkeleton rows={4} />
        ) : environments.isError && rows.length === 0 ? (
          <ErrorNotice error={environments.error} onRetry={() => void environments.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState title="No environments yet">
            An environment is a set of hosts that Slipway installs a runtime on, or that already
            have one.
          </EmptyState>
        ) : (
          <EnvironmentTable environments={rows} />
        )}
        <LoadMore {...environments} />
      </Panel>
    </>
  );
}

function EnvironmentTable({ environments }: { environments: Environment[] }) {
  const { projects } = useMe();
  const projectName = (id: number) => projects.find((project) => project.id === id)?.name ?? "—";
  return (
    <Table.ScrollContainer type="native" minWidth={560}>
      <Table className={classes.table} aria-label="Environments">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Environment</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Tier</Table.Th>
            <Table.Th>Runtime</Table.Th>
            <Table.Th>Project</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {environments.map((environment) => (
            <Table.Tr key={environment.id}>
              <Table.Td>
                <Link
                  to="/environments/$environmentId"
                  params={{ environmentId: environment.id }}
                  className={classes.rowLink}
                >
                  {environment.name}
                </Link>
              </Table.Td>
              <Table.Td>
                <StatusPill status={environment.status} />
              </Table.Td>
              <Table.Td>
                <TierBadge tier={environment.tier} />
              </Table.Td>
              <Table.Td>{RUNTIME_LABELS[environment.runtime_type]}</Table.Td>
              <Table.Td>{projectName(environment.project_id)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
