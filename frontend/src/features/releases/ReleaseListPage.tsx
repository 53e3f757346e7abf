import { useNavigate, useSearch } from "@tanstack/react-router";

import { allResults } from "@/api/cursor";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { PlusIcon } from "@/components/icons";
import { LinkButton } from "@/components/links";
import { LoadMore } from "@/components/LoadMore";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";

import { useReleases } from "./queries";
import { ReleaseFilterBar } from "./ReleaseFilterBar";
import { ReleaseTable } from "./ReleaseTable";

export function ReleaseListPage() {
  const { project, ...filters } = useSearch({ from: "/shell/releases" });
  const navigate = useNavigate({ from: "/releases" });
  const releases = useReleases({ project, ...filters });
  const rows = allResults(releases.data);
  const filtered = Object.values(filters).some(Boolean);

  return (
    <>
      <PageHeader
        title="Releases"
        actions={
          <LinkButton to="/releases/new" leftSection={<PlusIcon size={14} />}>
            New release
          </LinkButton>
        }
      />
      <ReleaseFilterBar
        project={project}
        filters={filters}
        onChange={(changed) =>
          void navigate({ search: (search) => ({ ...search, ...changed }), replace: true })
        }
      />
      <Panel flush>
        {releases.isPending ? (
          <TableSkeleton />
        ) : releases.isError && rows.length === 0 ? (
          <ErrorNotice error={releases.error} onRetry={() => void releases.refetch()} />
        ) : rows.length > 0 ? (
          <ReleaseTable releases={rows} />
        ) : filtered ? (
          <EmptyState title="No release fits these filters">
            Clear one of them to see more.
          </EmptyState>
        ) : (
          <EmptyState title="No releases yet">
            A release starts with a preview: choose a service and a target, and see what would
            change before anything does.
          </EmptyState>
        )}
        <LoadMore {...releases} />
      </Panel>
    </>
  );
}
