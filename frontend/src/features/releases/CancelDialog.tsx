import { Button, Group, Modal, Stack, Text } from "@mantine/core";

import { $api } from "@/api/client";
import type { Release } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { useReleaseChanged } from "./queries";

interface Props {
  release: Release;
  opened: boolean;
  onClose: () => void;
}

export function CancelDialog({ release, opened, onClose }: Props) {
  const changed = useReleaseChanged();
  const cancel = $api.useMutation("post", "/api/v1/deploy/releases/{id}/cancel", {
    onSuccess: async (cancelled) => {
      onClose();
      await changed(cancelled);
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={`Cancel release #${release.release_id}?`}>
      <Stack>
        <Text size="sm">
          {release.lifecycle_state === "applying"
            ? "It is running: it will be stopped where it is, and ends as failed."
            : "It has not run yet: it ends as failed, and its ticket is withdrawn."}
        </Text>
        {cancel.isError && <ErrorNotice error={cancel.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ params: { path: { id: String(release.release_id) } } })}
          >
            Yes, cancel it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
