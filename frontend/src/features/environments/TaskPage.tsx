import { Alert, Group, Stack } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { describeReason } from "@/api/errors";
import type { InstallStep } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { TextLink } from "@/components/links";
import { PageHeader } from "@/components/PageHeader";
import { StatusPill } from "@/components/StatusPill";
import { TableSkeleton } from "@/components/TableSkeleton";

import { useTask } from "./queries";
import { StepLog } from "./StepLog";
import { StepMatrix } from "./StepMatrix";
import { TaskActions } from "./TaskActions";
import { TaskProgress } from "./TaskProgress";
import { taskTitle } from "./taskTitle";

const FROM = "/shell/environments/$environmentId/tasks/$taskId";

export function TaskPage() {
  const { environmentId, taskId } = useParams({ from: FROM });
  const { step: chosen } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: "/environments/$environmentId/tasks/$taskId" });
  const query = useTask(environmentId, taskId);

  if (query.isError && !query.data) {
    return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) return <TableSkeleton rows={6} />;

  const task = query.data;
  const shown = task.steps.find(({ id }) => id === chosen) ?? mostInteresting(task.steps);
  return (
    <>
      <PageHeader
        title={
          <Group component="span" gap="sm">
            {taskTitle(task)}
            <StatusPill status={task.status} />
          </Group>
        }
        subtitle={
          <TextLink to="/environments/$environmentId" params={{ environmentId }}>
            Back to the environment
          </TextLink>
        }
        actions={<TaskActions task={task} />}
      />
      <Stack>
        {task.status === "pending_approval" && task.approval_ticket && (
          <Alert color="orange" title="Waiting for approval">
            <TextLink to="/inbox/$ticket" params={{ ticket: task.approval_ticket }}>
              {task.approval_ticket}
            </TextLink>{" "}
            has to be approved before anything runs.
          </Alert>
        )}
        {task.reason_code && <Alert color="red">{describeReason(task.reason_code)}</Alert>}
        <TaskProgress task={task} />
        <StepMatrix
          steps={task.steps}
          selected={shown?.id}
          onSelect={(step) =>
            void navigate({ search: (search) => ({ ...search, step }), replace: true })
          }
        />
        {shown && <StepLog key={shown.id} environmentId={environmentId} task={task} step={shown} />}
      </Stack>
    </>
  );
}

/** What one wants to see unasked: the failure, else what runs, else the last one that ran. */
function mostInteresting(steps: InstallStep[]): InstallStep | undefined {
  return (
    steps.find(({ status }) => status === "failed") ??
    steps.find(({ status }) => status === "running") ??
    steps.findLast(({ started_at: startedAt }) => startedAt !== null)
  );
}
