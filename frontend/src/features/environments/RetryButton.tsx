import { Button, Modal } from "@mantine/core";
import { useState } from "react";

import { $api } from "@/api/client";
import { type Freeze, freezeOf } from "@/api/freeze";
import { useCan } from "@/api/me";
import type { InstallTask } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { FreezeNotice } from "@/components/FreezeNotice";

import { useChanged, useEnvironment } from "./queries";

/** Runs again what did not succeed; through a freeze only with a reason. */
export function RetryButton({ task }: { task: InstallTask }) {
  const changed = useChanged();
  const environment = useEnvironment(task.environment_id);
  const mayOverride = useCan(environment.data?.project_id, "project_manage");
  const [freeze, setFreeze] = useState<Freeze | null>(null);
  const retry = $api.useMutation(
    "post",
    "/api/v1/environments/{environment_pk}/install/tasks/{id}/retry",
    {
      onSuccess: () => setFreeze(null),
      onError: (error) => setFreeze(freezeOf(error)),
      onSettled: changed,
    },
  );
  const params = { path: { environment_pk: String(task.environment_id), id: String(task.id) } };
  return (
    <>
      {retry.isError && !freeze && <ErrorNotice error={retry.error} />}
      <Button
        variant="default"
        loading={retry.isPending}
        onClick={() => retry.mutate({ params, body: { freeze_override: "" } })}
      >
        Retry what did not succeed
      </Button>
      <Modal opened={freeze !== null} onClose={() => setFreeze(null)} title="Retry the task">
        {freeze && (
          <FreezeNotice
            freeze={freeze}
            outcome="it was not retried"
            advice="Retry it when the freeze is over. Who may manage the project can retry it now."
            override="Retry despite the freeze"
            mayOverride={mayOverride}
            busy={retry.isPending}
            onOverride={(reason) => retry.mutate({ params, body: { freeze_override: reason } })}
          />
        )}
      </Modal>
    </>
  );
}
