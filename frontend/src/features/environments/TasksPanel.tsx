import { Progress, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { InstallTask } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Panel } from "@/components/Panel";
import { RelativeTime } from "@/components/RelativeTime";
import { StatusPill } from "@/components/StatusPill";
import classes from "@/components/table.module.css";
import { TableSkeleton } from "@/components/TableSkeleton";

import { useTasks } from "./queries";
import { taskTitle } from "./taskTitle";

export function TasksPanel({ environmentId }: { environmentId: number }) {
  const tasks = useTasks(environmentId);
  const rows = tasks.data?.results ?? [];
  return (
    <Panel title="Install tasks" flush>
      {tasks.isPending ? (
        <TableSkeleton rows={3} />
      ) : tasks.isError ? (
        <ErrorNotice error={tasks.error} onRetry={() => void tasks.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState title="Nothing was installed here yet" />
      ) : (
        <Table.ScrollContainer type="native" minWidth={560}>
          <Table className={classes.table} aria-label="Install tasks">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Task</Table.Th>
                <Table.Th>Status</Table.Th>
                <Table.Th>Steps</Table.Th>
                <Table.Th>Created</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((task) => (
                <TaskRow key={task.id} task={task} environmentId={environmentId} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}

function TaskRow({ task, environmentId }: { task: InstallTask; environmentId: number }) {
  const { done, total } = task.progress;
  return (
    <Table.Tr>
      <Table.Td>
        <Link
          to="/environments/$environmentId/tasks/$taskId"
          params={{ environmentId, taskId: task.id }}
          className={classes.rowLink}
        >
          {taskTitle(task)}
        </Link>
      </Table.Td>
      <Table.Td>
        <StatusPill status={task.status} />
      </Table.Td>
      <Table.Td w={180}>
        <Progress value={total ? (100 * done) / total : 0} size="sm" aria-label="Steps done" />
        <Text size="xs" c="dimmed">
          {done} of {total}
        </Text>
      </Table.Td>
      <Table.Td>
        <RelativeTime iso={task.created_at} />
      </Table.Td>
    </Table.Tr>
  );
}
