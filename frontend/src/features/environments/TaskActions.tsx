import { Button } from "@mantine/core";

import { $api } from "@/api/client";
import type { InstallTask } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { useChanged } from "./queries";
import { taskMoves } from "./statuses";

const RETRYABLE = new Set(["failed", "cancelled", "needs_attention"]);

export function TaskActions({ task }: { task: InstallTask }) {
  const changed = useChanged();
  const cancel = $api.useMutation("post", "/api/v1/environments/{id}/install/tasks/{task}/cancel", {
    onSettled: changed,
  });
  const retry = $api.useMutation("post", "/api/v1/environments/{id}/install/tasks/{task}/retry", {
    onSettled: changed,
  });
  const params = { path: { id: task.environment_id, task: task.id } };
  const error: unknown = cancel.error ?? retry.error;
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      {RETRYABLE.has(task.status) && (
        <Button
          variant="default"
          loading={retry.isPending}
          onClick={() => retry.mutate({ params })}
        >
          Retry what did not succeed
        </Button>
      )}
      {taskMoves(task.status) && (
        <Button
          variant="default"
          loading={cancel.isPending}
          onClick={() => cancel.mutate({ params })}
        >
          Cancel task
        </Button>
      )}
    </>
  );
}
