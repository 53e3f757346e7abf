import { Group, Stack, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";

import { answerOf, api } from "@/api/client";
import { describeReason } from "@/api/errors";
import type { InstallStep, InstallTask } from "@/api/types";
import { LogView } from "@/components/LogView";
import { StatusPill } from "@/components/StatusPill";
import type { LogSource } from "@/lib/logFollower";
import { taskMoves } from "@/lib/statuses";
import { useFollowedLog } from "@/lib/useFollowedLog";

interface Props {
  environmentId: number;
  task: InstallTask;
  step: InstallStep;
}

export function StepLog({ environmentId, task, step }: Props) {
  const live = taskMoves(task.status) && step.finished_at === null;
  // The stream carries all steps: it starts behind what the others have printed so far.
  const [cursor] = useState(() =>
    task.steps.map(({ id, log_bytes: end }) => `${id}:${end}`).join(),
  );
  const source = useMemo(
    () => stepLog(environmentId, task.id, step.id, live ? cursor : null),
    [environmentId, task.id, step.id, live, cursor],
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

function stepLog(id: number, task: number, step: number, cursor: string | null): LogSource {
  return {
    streamUrl:
      cursor === null
        ? null
        : `/api/v1/environments/${id}/install/tasks/${task}/logs/stream?after=${cursor}`,
    continues: true,
    accepts: (message) => message.step_id === step,
    fetchPage: (after) =>
      answerOf(
        api.GET("/api/v1/environments/{environment_pk}/install/tasks/{id}/logs", {
          params: {
            path: { environment_pk: String(id), id: String(task) },
            query: { step, after },
          },
        }),
      ),
  };
}
