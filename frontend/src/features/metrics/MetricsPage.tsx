import { SegmentedControl, Stack } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { useMe } from "@/api/me";
import type { Metrics } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LinkButton } from "@/components/links";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";

import { DailyChart } from "./DailyChart";
import { KeyFigures } from "./KeyFigures";
import { useMetrics } from "./queries";
import { ServiceTable } from "./ServiceTable";
import { readWindow, WINDOWS } from "./windows";

/** How well releasing goes, in the project chosen in the header or in all of them. */
export function MetricsPage() {
  const { project, window = 30 } = useSearch({ from: "/shell/metrics" });
  const { projects } = useMe();
  const navigate = useNavigate({ from: "/metrics" });
  const metrics = useMetrics(project, window);
  const name = projects.find(({ id }) => id === project)?.name;
  return (
    <>
      <PageHeader
        title="Metrics"
        subtitle={`How often, how fast and how safely ${name ?? "all projects"} release${name ? "s" : ""}`}
        actions={
          <SegmentedControl
            aria-label="Days"
            data={WINDOWS.map((days) => ({ value: String(days), label: `${days} days` }))}
            value={String(window)}
            onChange={(value) =>
              void navigate({
                search: (search) => ({ ...search, window: readWindow(Number(value)) }),
                replace: true,
              })
            }
          />
        }
      />
      {metrics.data ? (
        <Told metrics={metrics.data} />
      ) : metrics.isError ? (
        <ErrorNotice error={metrics.error} onRetry={() => void metrics.refetch()} />
      ) : (
        <TableSkeleton rows={6} />
      )}
    </>
  );
}

function Told({ metrics: { totals, window, by_service: services, series } }: { metrics: Metrics }) {
  if (totals.changes + totals.rollbacks === 0) {
    return (
      <Panel>
        <EmptyState title={`Nothing was released in the last ${window.days} days`}>
          Once a release has run to its end, its figures show here: how often you release, how long
          a change takes to go live, how many fail, and how soon that is mended.
          <br />
          <LinkButton to="/releases/new" variant="default" mt="sm">
            New release
          </LinkButton>
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Stack>
      <KeyFigures totals={totals} days={window.days} />
      <Panel title="Day by day">
        <DailyChart series={series} />
      </Panel>
      <Panel title="By service" flush>
        <ServiceTable services={services} />
      </Panel>
    </Stack>
  );
}
