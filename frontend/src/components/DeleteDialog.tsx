import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { ErrorNotice } from "./ErrorNotice";

interface Props {
  title: string;
  pending: boolean;
  error: unknown;
  onDelete: () => void;
  onClose: () => void;
  /** What follows from it. */
  children: ReactNode;
}

/** Asks once more before something is deleted. */
export function DeleteDialog({ title, pending, error, onDelete, onClose, children }: Props) {
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <Text size="sm">{children}</Text>
        {error !== null && <ErrorNotice error={error} title="It was not deleted" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button color="red.8" loading={pending} onClick={onDelete}>
            Yes, delete it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
