import { Grid, Group, Stack, Text } from "@mantine/core";
import { useParams } from "@tanstack/react-router";

import type { Release } from "@/api/types";
import { TierBadge } from "@/components/badges";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LifecycleBadge } from "@/components/LifecycleBadge";
import { PageHeader } from "@/components/PageHeader";
import { RelativeTime } from "@/components/RelativeTime";
import { TableSkeleton } from "@/components/TableSkeleton";

import { ConflictsPanel } from "./ConflictsPanel";
import { ReleaseActions } from "./ReleaseActions";
import { ReleaseFacts } from "./ReleaseFacts";
import { ReleaseLink } from "./ReleaseLink";
import { ReleaseState } from "./ReleaseState";
import { ReleaseTabs } from "./ReleaseTabs";
import { RiskPanel } from "./RiskPanel";
import { useRelease } from "./queries";

export function ReleaseDetailPage() {
  const { releaseId } = useParams({ from: "/shell/releases/$releaseId" });
  const release = useRelease(releaseId);
  if (release.data) return <ReleaseDetail release={release.data} />;
  if (release.isError) {
    return <ErrorNotice error={release.error} onRetry={() => void release.refetch()} />;
  }
  return <TableSkeleton rows={6} />;
}

function ReleaseDetail({ release }: { release: Release }) {
  return (
    <>
      <PageHeader
        title={
          <Group component="span" gap="sm">
            <span>
              {release.service.name} r{release.revision.number} → {release.target.name}
            </span>
            <LifecycleBadge state={release.lifecycle_state} />
            <TierBadge tier={release.environment.tier} quiet={false} />
          </Group>
        }
        subtitle={
          <Text span inherit>
            <Kind release={release} /> in {release.project.name},{" "}
            {release.source === "system" ? "in the name of" : "asked for by"} {release.requested_by}{" "}
            <RelativeTime iso={release.created_at} />
          </Text>
        }
        actions={<ReleaseActions release={release} />}
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 8.5 }}>
          <Stack gap="md">
            <ReleaseState release={release} />
            <ConflictsPanel release={release} />
            <ReleaseTabs key={release.release_id} release={release} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 3.5 }}>
          <Stack gap="md">
            <RiskPanel release={release} />
            <ReleaseFacts release={release} />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Kind({ release }: { release: Release }) {
  const { kind, release_id: id, rollback_of: undone, source } = release;
  if (kind === "deploy" || undone === null) {
    return (
      <>
        {kind === "deploy" ? "Release" : "Rollback"} #{id}
      </>
    );
  }
  return (
    <>
      {source === "system" ? "Automatic rollback" : "Rollback"} #{id} of{" "}
      <ReleaseLink id={undone}>#{undone}</ReleaseLink>
      {source === "system" && ", which failed,"}
    </>
  );
}
