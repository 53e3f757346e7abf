import { Group, Text, Timeline as Line } from "@mantine/core";

import { allResults } from "@/api/cursor";
import { describeReason } from "@/api/errors";
import type { Release, TimelineEvent } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { LoadMore } from "@/components/LoadMore";
import { Panel } from "@/components/Panel";
import { RelativeTime } from "@/components/RelativeTime";
import { TableSkeleton } from "@/components/TableSkeleton";
import { pollInterval } from "@/lib/lifecycle";

import { useTimeline } from "./queries";

export function Timeline({ release }: { release: Release }) {
  const timeline = useTimeline(release.release_id, pollInterval([release.lifecycle_state]));
  const events = allResults(timeline.data);
  return (
    <Panel title="Timeline">
      {timeline.isPending ? (
        <TableSkeleton rows={4} />
      ) : timeline.isError ? (
        <ErrorNotice error={timeline.error} onRetry={() => void timeline.refetch()} />
      ) : (
        <Line bulletSize={11} lineWidth={2}>
          {events.map((event) => (
            <Line.Item key={event.event_id} title={<EventTitle event={event} />}>
              <EventDetail event={event} />
            </Line.Item>
          ))}
        </Line>
      )}
      <LoadMore {...timeline} />
    </Panel>
  );
}

function EventTitle({ event }: { event: TimelineEvent }) {
  return (
    <Group gap={8}>
      <Text span size="sm" fw={600}>
        {readableAction(event.action)}
      </Text>
      <Text span size="xs" c="dimmed">
        {event.actor} · <RelativeTime iso={event.occurred_at} />
      </Text>
    </Group>
  );
}

function EventDetail({ event }: { event: TimelineEvent }) {
  const { comment, reason, reason_code: code, message } = event.detail;
  const texts = [comment, reason, message, typeof code === "string" ? describeReason(code) : null];
  return texts
    .filter((text): text is string => typeof text === "string" && text !== "")
    .map((text) => (
      <Text key={text} size="sm" c="dimmed">
        {text}
      </Text>
    ));
}

/** "release.pending_approval" as "Release pending approval". */
function readableAction(action: string): string {
  const text = action.replaceAll(/[._]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
