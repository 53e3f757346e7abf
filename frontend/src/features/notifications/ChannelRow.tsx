import { Alert, Button, Code, Group, Table, Text } from "@mantine/core";

import { $api } from "@/api/client";
import type { Channel } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Pill } from "@/components/Pill";
import classes from "@/components/table.module.css";

import { ChannelMenu } from "./ChannelMenu";
import type { ChannelActions } from "./ChannelTable";
import { eventsText } from "./events";

const KINDS = { webhook: "Signed webhook", apprise: "Mail or chat" } as const;
const CELLS = 6;

interface Props extends ChannelActions {
  project: number;
  channel: Channel;
}

export function ChannelRow({ project, channel, ...actions }: Props) {
  const test = $api.useMutation("post", "/api/v1/projects/{project_pk}/notifications/{id}/test");
  const path = { project_pk: String(project), id: String(channel.id) };
  return (
    <>
      <Table.Tr>
        <Table.Td fw={600}>{channel.name}</Table.Td>
        <Table.Td>{KINDS[channel.kind]}</Table.Td>
        <Table.Td className={classes.wrapping}>
          <Code>{channel.address}</Code>
        </Table.Td>
        <Table.Td className={classes.wrapping}>{eventsText(channel.events)}</Table.Td>
        <Table.Td>
          <Pill color={channel.enabled ? "green" : "gray"} quiet>
            {channel.enabled ? "Enabled" : "Off"}
          </Pill>
        </Table.Td>
        <Table.Td ta="right">
          <Group gap={6} wrap="nowrap" justify="flex-end">
            <Button
              size="compact-xs"
              variant="default"
              loading={test.isPending}
              aria-label={`Test ${channel.name}`}
              onClick={() => test.mutate({ params: { path } })}
            >
              Test
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Deliveries of ${channel.name}`}
              onClick={() => actions.onDeliveries(channel)}
            >
              Deliveries
            </Button>
            <ChannelMenu channel={channel} {...actions} />
          </Group>
        </Table.Td>
      </Table.Tr>
      {(test.data ?? test.error) && (
        <Table.Tr>
          <Table.Td colSpan={CELLS} className={classes.wrapping}>
            {test.data ? (
              <Tried {...test.data} />
            ) : (
              <ErrorNotice error={test.error} title={`${channel.name} could not be tested`} />
            )}
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function Tried({ ok, error }: { ok: boolean; error: string }) {
  return (
    <Alert
      color={ok ? "green" : "red"}
      title={ok ? "The test message was sent" : "The test message was not sent"}
      role="status"
    >
      <Text size="sm">{ok ? "Look for it where it was sent to." : error}</Text>
    </Alert>
  );
}
