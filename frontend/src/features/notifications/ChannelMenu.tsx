import { ActionIcon, Menu } from "@mantine/core";

import type { Channel } from "@/api/types";
import { DotsIcon } from "@/components/icons";

import type { ChannelActions } from "./ChannelTable";

type Props = Omit<ChannelActions, "onDeliveries"> & { channel: Channel };

export function ChannelMenu({ channel, onEdit, onRotate, onDelete }: Props) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="sm" variant="default" aria-label={`More about ${channel.name}`}>
          <DotsIcon size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onEdit(channel)}>Edit…</Menu.Item>
        {channel.kind === "webhook" && (
          <Menu.Item onClick={() => onRotate(channel)}>New signing secret…</Menu.Item>
        )}
        <Menu.Item onClick={() => onDelete(channel)}>Delete…</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
