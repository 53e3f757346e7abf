import { Select, Stack } from "@mantine/core";
import { useMemo, useState } from "react";

import { api } from "@/api/client";
import type { Release } from "@/api/types";
import { LogView } from "@/components/LogView";
import type { LogSource } from "@/lib/logFollower";
import { useFollowedLog } from "@/lib/useFollowedLog";

/** What the run wrote, on one node or on the one place it ran at. */
export function ReleaseLog({ release }: { release: Release }) {
  const nodes: { id: number; name: string }[] = [];
  const [node, setNode] = useState<number | undefined>(nodes[0]?.id);
  const id = release.release_id;
  const live = release.lifecycle_state === "applying";
  const source = useMemo(() => releaseLog(id, node, live), [id, node, live]);
  const log = useFollowedLog(source);
  return (
    <Stack gap="xs">
      {nodes.length > 1 && (
        <Select
          label="Node"
          w={220}
          data={nodes.map((item) => ({ value: String(item.id), label: item.name }))}
          value={node === undefined ? null : String(node)}
          onChange={(value) => setNode(value ? Number(value) : undefined)}
          allowDeselect={false}
        />
      )}
      <LogView log={log} label="Release log" />
    </Stack>
  );
}

function releaseLog(id: number, node: number | undefined, live: boolean): LogSource {
  return {
    streamUrl: live ? `/api/v1/deploy/releases/${id}/logs/stream` : null,
    accepts: (message) => node === undefined || message.node_id === node,
    async fetchPage(after) {
      const { data, error } = await api.GET("/api/v1/deploy/releases/{id}/logs", {
        params: { path: { id }, query: { node, after } },
      });
      if (error) throw error as unknown;
      return data;
    },
  };
}
