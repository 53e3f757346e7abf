import { Group, Stack, Text, Title } from "@mantine/core";
import { useMemo } from "react";

import { api } from "@/api/client";
import { describeReason } from "@/api/errors";
import type { InstallStep, InstallTask } from "@/api/types";
import { LogView } from "@/components/LogView";
import type { LogSource } from "@/lib/logFollower";
import { useFollowedLog } from "@/lib/useFollowedLog";

import { StatusPill } from "./StatusPill";
import { taskMoves } from "./statuses";

interface Props {
  environmentId: number;
  task: InstallTask;
  step: InstallStep;
}

export function StepLog({ environmentId, task, step }: Props) {
  const live = taskMoves(task.status) && step.finished_at === null;
  const source = useMemo(
    () => stepLog(environmentId, task.id, step.id, live),
    [environmentId, task.id, step.id, live],
  );
  const log = useFollowedLog(source);
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Title order={2} size="h3">
          {step.hook} on {step.node.name}
        </Title>
        <StatusPill status={step.status} />
        <Text size="sm" c="dimmed">
          {[
            step.attempt > 1 && `attempt ${step.attempt}`,
            step.exit_code !== null && `exit code ${step.exit_code}`,
            describeReason(step.reason_code),
          ]
            .filter(Boolean)
            .join(" · ")}
        </Text>
      </Group>
      <LogView log={log} label={`Log of ${step.hook} on ${step.node.name}`} />
    </Stack>
  );
}

function stepLog(id: number, task: number, step: number, live: boolean): LogSource {
  return {
    streamUrl: live ? `/api/v1/environments/${id}/install/tasks/${task}/logs/stream` : null,
    accepts: (message) => message.step_id === step,
    async fetchPage(after) {
      const { data, error } = await api.GET("/api/v1/environments/{id}/install/tasks/{task}/logs", {
        params: { path: { id, task }, query: { step, after } },
      });
      if (error) throw error as unknown;
      return data;
    },
  };
}
