import { Group, Text, Timeline } from "@mantine/core";

import type { InboxItemDetail } from "@/api/types";
import { Panel } from "@/components/Panel";
import { RelativeTime } from "@/components/RelativeTime";

import { verbLabel } from "./story";

export function TicketHistory({ item }: { item: InboxItemDetail }) {
  return (
    <Panel title="History">
      {item.actions.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing has happened yet.
        </Text>
      ) : (
        <Timeline bulletSize={11} lineWidth={2} aria-label="History of the ticket">
          {item.actions.map((action) => (
            <Timeline.Item
              key={action.id}
              title={
                <Group gap={8}>
                  <Text span size="sm" fw={600}>
                    {verbLabel(action.verb)}
                  </Text>
                  <Text span size="xs" c="dimmed">
                    {action.actor} · <RelativeTime iso={action.created_at} />
                  </Text>
                </Group>
              }
            >
              {action.comment && (
                <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-line" }}>
                  {action.comment}
                </Text>
              )}
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </Panel>
  );
}
