import { Group, Progress, Stack, Text } from "@mantine/core";

import type { InstallTask } from "@/api/types";
import { RelativeTime } from "@/components/RelativeTime";
import { formatLocal } from "@/lib/localTime";
import { formatSeconds } from "@/lib/time";
import { useNow } from "@/lib/useNow";

/** How far a task is, how long it will take, and what its hooks say they are at. */
export function TaskProgress({ task }: { task: InstallTask }) {
  const { done, total, percent, remaining_ms: remaining } = task.progress;
  const running = task.status === "running";
  const said = task.steps.filter(({ status, message }) => status === "running" && message);
  return (
    <Stack gap={4}>
      <Group gap="sm" wrap="nowrap">
        <Progress value={percent} flex={1} animated={running} aria-label="Progress" />
        <Text size="sm" c="dimmed">
          {done} of {total} steps
          {remaining !== null && `, about ${formatSeconds(Math.ceil(remaining / 1000))} left`}
        </Text>
      </Group>
      {said.map(({ id, hook, node, percent: far, message }) => (
        <Text key={id} size="sm" c="dimmed">
          {hook} on {node.name}: {message}
          {far !== null && ` (${far} %)`}
        </Text>
      ))}
      {task.status === "queued" && task.start_after && <Start moment={task.start_after} />}
    </Stack>
  );
}

function Start({ moment }: { moment: string }) {
  const now = useNow();
  if (Date.parse(moment) <= now) return null;
  return (
    <Text size="sm" c="dimmed">
      Starts at {formatLocal(moment)} (<RelativeTime iso={moment} />
      ), if its hosts are as they were previewed until then.
    </Text>
  );
}
