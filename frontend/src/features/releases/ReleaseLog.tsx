import { Select, Stack } from "@mantine/core";
import { useMemo, useState } from "react";

import { answerOf, api } from "@/api/client";
import type { Release, ReleaseStep } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LogView } from "@/components/LogView";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/TableSkeleton";
import type { LogSource } from "@/lib/logFollower";
import { useFollowedLog } from "@/lib/useFollowedLog";

import { useReleaseSteps } from "./queries";

const STEPS_POLL_MS = 2_000;

/** What the run wrote, node by node. */
export function ReleaseLog({ release }: { release: Release }) {
  const live = release.lifecycle_state === "applying";
  const steps = useReleaseSteps(release.release_id, live && STEPS_POLL_MS);
  const nodes = nodesOf(steps.data ?? []);
  const [chosen, setChosen] = useState<number>();
  const node = chosen ?? nodes[0]?.id;

  if (steps.isPending) return <TableSkeleton rows={4} />;
  if (steps.isError) {
    return <ErrorNotice error={steps.error} onRetry={() => void steps.refetch()} />;
  }
  if (node === undefined) {
    return (
      <Panel>
        <EmptyState title={live ? "Nothing has run on a node yet" : "Nothing ran on a node"} />
      </Panel>
    );
  }
  return (
    <Stack gap="xs">
      <Select
        label="Node"
        w={220}
        data={nodes.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={String(node)}
        onChange={(value) => setChosen(value ? Number(value) : undefined)}
        allowDeselect={false}
      />
      <NodeLog releaseId={release.release_id} node={node} live={live} />
    </Stack>
  );
}

interface NodeLogProps {
  releaseId: number;
  node: number;
  live: boolean;
}

function NodeLog({ releaseId, node, live }: NodeLogProps) {
  const source = useMemo(() => nodeLog(releaseId, node, live), [releaseId, node, live]);
  return <LogView log={useFollowedLog(source)} label="Release log" />;
}

function nodeLog(releaseId: number, node: number, live: boolean): LogSource {
  return {
    streamUrl: live ? `/api/v1/deploy/releases/${releaseId}/logs/stream` : null,
    // The stream counts in steps, the pages in all that a node printed: it only says "look again".
    continues: false,
    accepts: (message) => message.node_id === node,
    fetchPage: (after) =>
      answerOf(
        api.GET("/api/v1/deploy/releases/{id}/logs", {
          params: { path: { id: String(releaseId) }, query: { node, after } },
        }),
      ),
  };
}

function nodesOf(steps: ReleaseStep[]): ReleaseStep["node"][] {
  return [...new Map(steps.map(({ node }) => [node.id, node])).values()];
}
