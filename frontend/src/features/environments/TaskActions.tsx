import { Button } from "@mantine/core";

import { $api } from "@/api/client";
import type { InstallTask } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { taskMoves } from "@/lib/statuses";

import { useChanged } from "./queries";

const RETRYABLE = new Set(["failed", "cancelled", "needs_attention"]);

export function TaskActions({ task }: { task: InstallTask }) {
  const changed = useChanged();
  const cancel = $api.useMutation(
    "post",
    "/api/v1/environments/{environment_pk}/install/tasks/{id}/cancel",
    {
      onSettled: changed,
    },
  );
  const retry = $api.useMutation(
    "post",
    "/api/v1/environments/{environment_pk}/install/tasks/{id}/retry",
    {
      onSettled: changed,
    },
  );
  const params = { path: { environment_pk: String(task.environment_id), id: String(task.id) } };
  const failed = [cancel, retry].find(({ isError }) => isError);
  return (
    <>
      {failed && <ErrorNotice error={failed.error} />}
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
