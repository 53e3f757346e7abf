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
import { ReleaseSteps } from "./ReleaseSteps";

const STEPS_POLL_MS = 2_000;

/** What ran, and what it wrote: node by node, or, on a cluster, in one. */
export function ReleaseLog({ release }: { release: Release }) {
  const live = release.lifecycle_state === "applying";
  const steps = useReleaseSteps(release.release_id, live && STEPS_POLL_MS);
  const nodes = nodesOf(steps.data ?? []);
  const [chosen, setChosen] = useState<number>();
  const node = chosen ?? nodes[0]?.id ?? null;

  if (steps.isPending) return <TableSkeleton rows={4} />;
  if (steps.isError) {
    return <ErrorNotice error={steps.error} onRetry={() => void steps.refetch()} />;
  }
  if (steps.data.length === 0) {
    return (
      <Panel>
        <EmptyState title={live ? "Nothing has run yet" : "Nothing ran"} />
      </Panel>
    );
  }
  return (
    <Stack gap="xs">
      <ReleaseSteps steps={steps.data} />
      {nodes.length > 0 && (
        <Select
          label="Node"
          w={220}
          data={nodes.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={String(node)}
          onChange={(value) => setChosen(value ? Number(value) : undefined)}
          allowDeselect={false}
        />
      )}
      <NodeLog releaseId={release.release_id} node={node} live={live} />
    </Stack>
  );
}

interface NodeLogProps {
  releaseId: number;
  /** null on a cluster: its steps run on no node. */
  node: number | null;
  live: boolean;
}

function NodeLog({ releaseId, node, live }: NodeLogProps) {
  const source = useMemo(() => nodeLog(releaseId, node, live), [releaseId, node, live]);
  return <LogView log={useFollowedLog(source)} label="Release log" />;
}

function nodeLog(releaseId: number, node: number | null, live: boolean): LogSource {
  return {
    streamUrl: live ? `/api/v1/deploy/releases/${releaseId}/logs/stream` : null,
    // The stream counts in steps, the pages in all that a node printed: it only says "look again".
    continues: false,
    accepts: (message) => message.node_id === node,
    fetchPage: (after) =>
      answerOf(
        api.GET("/api/v1/deploy/releases/{id}/logs", {
          params: { path: { id: String(releaseId) }, query: { node: node ?? undefined, after } },
        }),
      ),
  };
}

function nodesOf(steps: ReleaseStep[]): NonNullable<ReleaseStep["node"]>[] {
  const nodes = steps.flatMap(({ node }) => node ?? []);
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}
