import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useSearch } from "@tanstack/react-router";

import { allResults } from "@/api/cursor";
import { useMe } from "@/api/me";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { PlusIcon } from "@/components/icons";
import { LoadMore } from "@/components/LoadMore";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";

import { ClusterTable } from "./ClusterTable";
import { ImportDialog } from "./ImportDialog";
import { useClusters } from "./queries";

export function ClustersPage() {
  const { project } = useSearch({ from: "/shell/clusters" });
  const clusters = useClusters(project);
  const rows = allResults(clusters.data);
  const [opened, { open, close }] = useDisclosure();
  const mayImport = useMe().projects.some(
    ({ id, permissions }) =>
      (project === undefined || id === project) && permissions.includes("cluster_manage"),
  );
  return (
    <>
      <PageHeader
        title="Clusters"
        subtitle="Kubernetes clusters that targets can be on"
        actions={
          mayImport && (
            <Button leftSection={<PlusIcon size={14} />} onClick={open}>
              Import cluster
            </Button>
          )
        }
      />
      <Panel flush>
        {clusters.isPending ? (
          <TableSkeleton rows={4} />
        ) : clusters.isError && rows.length === 0 ? (
          <ErrorNotice error={clusters.error} onRetry={() => void clusters.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState title="No clusters yet">
            A cluster is imported with a kubeconfig: Slipway asks it once, and keeps its credential
            encrypted.
          </EmptyState>
        ) : (
          <ClusterTable clusters={rows} />
        )}
        <LoadMore {...clusters} />
      </Panel>
      <ImportDialog project={project} opened={opened} onClose={close} />
    </>
  );
}
