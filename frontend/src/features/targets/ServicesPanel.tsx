import { Button, Group, Table, Text } from "@mantine/core";
import { useState } from "react";

import { allResults } from "@/api/cursor";
import { useCan } from "@/api/me";
import type { Service } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LinkButton } from "@/components/links";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import classes from "@/components/table.module.css";
import { TableSkeleton } from "@/components/TableSkeleton";
import { RUNTIME_LABELS } from "@/lib/runtimes";

import { useServices } from "./queries";
import { RevisionDialog } from "./RevisionDialog";

export function ServicesPanel({ project }: { project: number | undefined }) {
  const services = useServices(project);
  const rows = allResults(services.data);
  return (
    <Panel title="Services" flush>
      {services.isPending ? (
        <TableSkeleton rows={4} />
      ) : services.isError && rows.length === 0 ? (
        <ErrorNotice error={services.error} onRetry={() => void services.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState title="No services yet">
          A service is a Compose file or Kubernetes manifests, kept as numbered revisions.
        </EmptyState>
      ) : (
        <ServiceTable services={rows} />
      )}
      <LoadMore {...services} />
    </Panel>
  );
}

function ServiceTable({ services }: { services: Service[] }) {
  const [revised, setRevised] = useState<Service | null>(null);
  return (
    <>
      <Table.ScrollContainer type="native" minWidth={560}>
        <Table className={classes.table} aria-label="Services">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Service</Table.Th>
              <Table.Th>Runtime</Table.Th>
              <Table.Th>Newest revision</Table.Th>
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {services.map((service) => (
              <ServiceRow key={service.id} service={service} onRevise={() => setRevised(service)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {revised && (
        <RevisionDialog key={revised.id} service={revised} onClose={() => setRevised(null)} />
      )}
    </>
  );
}

function ServiceRow({ service, onRevise }: { service: Service; onRevise: () => void }) {
  const mayApply = useCan(service.project_id, "release_apply");
  const { id, name, runtime_type: runtime, latest_revision: latest } = service;
  return (
    <Table.Tr>
      <Table.Td fw={600}>{name}</Table.Td>
      <Table.Td>{RUNTIME_LABELS[runtime]}</Table.Td>
      <Table.Td>
        {latest === null ? (
          <Text span inherit c="dimmed">
            none yet
          </Text>
        ) : (
          `r${latest}`
        )}
      </Table.Td>
      <Table.Td>
        {mayApply && (
          <Group gap="xs" justify="flex-end" wrap="nowrap">
            <Button
              size="compact-xs"
              variant="default"
              onClick={onRevise}
              aria-label={`New revision of ${name}`}
            >
              New revision
            </Button>
            {latest !== null && (
              <LinkButton
                to="/releases/new"
                search={{ service: id }}
                size="compact-xs"
                variant="default"
                aria-label={`Release ${name}`}
              >
                Release
              </LinkButton>
            )}
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
