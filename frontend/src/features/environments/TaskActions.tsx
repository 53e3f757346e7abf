import { Button } from "@mantine/core";

import { $api } from "@/api/client";
import type { InstallTask } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { taskMoves } from "@/lib/statuses";

import { useChanged } from "./queries";
import { RetryButton } from "./RetryButton";

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
  const params = { path: { environment_pk: String(task.environment_id), id: String(task.id) } };
  return (
    <>
      {cancel.isError && <ErrorNotice error={cancel.error} />}
      {RETRYABLE.has(task.status) && <RetryButton task={task} />}
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
