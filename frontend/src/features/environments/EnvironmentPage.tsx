import { Alert, Group, List, Stack } from "@mantine/core";
import { useParams } from "@tanstack/react-router";

import { describeReason } from "@/api/errors";
import type { Environment } from "@/api/types";
import { TierBadge } from "@/components/badges";
import { ErrorNotice } from "@/components/ErrorNotice";
import { PageHeader } from "@/components/PageHeader";
import { RelativeTime } from "@/components/RelativeTime";
import { StatusPill } from "@/components/StatusPill";
import { TableSkeleton } from "@/components/TableSkeleton";
import { RUNTIME_LABELS } from "@/lib/runtimes";

import { NodesPanel } from "./NodesPanel";
import { useEnvironment } from "./queries";
import { TasksPanel } from "./TasksPanel";

export function EnvironmentPage() {
  const { environmentId } = useParams({ from: "/shell/environments/$environmentId" });
  const environment = useEnvironment(environmentId);
  if (environment.data) return <Detail environment={environment.data} />;
  if (environment.isError) {
    return <ErrorNotice error={environment.error} onRetry={() => void environment.refetch()} />;
  }
  return <TableSkeleton rows={5} />;
}

function Detail({ environment }: { environment: Environment }) {
  return (
    <>
      <PageHeader
        title={
          <Group component="span" gap="sm">
            {environment.name}
            <StatusPill status={environment.status} />
            <TierBadge tier={environment.tier} quiet={false} />
          </Group>
        }
        subtitle={RUNTIME_LABELS[environment.runtime_type]}
      />
      <Stack>
        <Health environment={environment} />
        <NodesPanel environment={environment} />
        <TasksPanel environmentId={environment.id} />
      </Stack>
    </>
  );
}

/** What is wrong with it, and since when; nothing where all is well. */
function Health({ environment }: { environment: Environment }) {
  if (environment.health.length === 0) return null;
  return (
    <Alert color="orange" title="Something is wrong here" role="status">
      <List size="sm">
        {environment.health.map(({ source, code, message, since }) => (
          <List.Item key={source}>
            {message || describeReason(code)} (<RelativeTime iso={since} />)
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
