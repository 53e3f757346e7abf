import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";

import type { Channel } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { useChannelWrites } from "./queries";
import { SigningSecret } from "./SigningSecret";

interface Props {
  project: number;
  channel: Channel;
  onClose: () => void;
}

/** A new signing secret in place of the old one. */
export function RotateDialog({ project, channel, onClose }: Props) {
  const [secret, setSecret] = useState("");
  const { rotate, pending, error } = useChannelWrites(project);
  const submit = async () => setSecret((await rotate(channel)) ?? "");
  return (
    <Modal
      opened
      onClose={onClose}
      title={`New secret for ${channel.name}`}
      closeOnClickOutside={!secret}
      closeOnEscape={!secret}
    >
      {secret ? (
        <SigningSecret secret={secret} onClose={onClose} />
      ) : (
        <Stack>
          <Text size="sm">
            The old secret signs nothing any more: until the receiver knows the new one, it refuses
            what is sent to it.
          </Text>
          {error !== null && <ErrorNotice error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Keep the old one
            </Button>
            <Button loading={pending} onClick={() => void submit()}>
              Make a new secret
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
