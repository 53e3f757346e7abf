import { Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { allResults } from "@/api/cursor";
import type { Release } from "@/api/types";
import { LifecycleBadge } from "@/components/LifecycleBadge";
import { useNow } from "@/lib/useNow";

import { followUpOf } from "./followUp";
import { useRelease, useTimeline } from "./queries";
import { ReleaseLink } from "./ReleaseLink";

/** An automatic rollback is made within seconds of the failure: until then it is looked for. */
const AWAITED_MS = 60_000;
const LOOK_AGAIN_MS = 3_000;

/** The rollback that followed a failed release, asked for by the platform or by a person. */
export function RollbackNote({ release }: { release: Release }) {
  const ended = release.finished_at ? Date.parse(release.finished_at) : 0;
  const awaited = useNow() - ended < AWAITED_MS;
  const timeline = useTimeline(release.release_id, awaited && LOOK_AGAIN_MS);
  const followUp = followUpOf(allResults(timeline.data));
  if (!followUp) return null;
  const { automatic, releaseId, obstacle } = followUp;
  if (releaseId === null) {
    return (
      <Text size="sm">
        The automatic rollback could not be made{obstacle ? `: ${obstacle}` : "."}
      </Text>
    );
  }
  return <Following rollbackId={releaseId} automatic={automatic} />;
}

interface FollowingProps {
  rollbackId: number;
  automatic: boolean;
}

function Following({ rollbackId, automatic }: FollowingProps) {
  const rollback = useRelease(rollbackId).data;
  const queryClient = useQueryClient();
  const done = rollback?.lifecycle_state === "applied";
  // With its rollback's end the state of this release is another one.
  useEffect(() => {
    if (done) void queryClient.invalidateQueries();
  }, [done, queryClient]);
  return (
    <Group gap={8}>
      <Text size="sm">
        <b>{automatic ? "Automatic rollback" : "Rollback"}:</b>{" "}
        <ReleaseLink id={rollbackId}>release #{rollbackId}</ReleaseLink>
      </Text>
      {rollback && <LifecycleBadge state={rollback.lifecycle_state} />}
    </Group>
  );
}
