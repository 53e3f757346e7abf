import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { Release } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { useReleaseChanged } from "./queries";

interface Props {
  release: Release;
  opened: boolean;
  onClose: () => void;
}

/** Asks why, then shows the rollback as a preview: it is a release like any other. */
export function RollbackDialog({ release, opened, onClose }: Props) {
  const [reason, setReason] = useState("");
  const navigate = useNavigate();
  const changed = useReleaseChanged();
  const rollback = $api.useMutation("post", "/api/v1/deploy/releases/{id}/rollback", {
    onSuccess: async (preview) => {
      onClose();
      await navigate({ to: "/releases/$releaseId", params: { releaseId: preview.release_id } });
      await changed(preview);
    },
  });

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    rollback.mutate({
      params: { path: { id: String(release.release_id) } },
      body: { reason, dry_run: true },
    });
  };

  return (
    <Modal opened={opened} onClose={onClose} title={`Roll back ${release.service.name}`}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            The content that ran before #{release.release_id} comes back on {release.target.name}.
            You see the difference first; nothing changes until you confirm it.
          </Text>
          <Textarea
            label="Reason"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={fieldErrors(rollback.error).reason}
            autosize
            minRows={2}
            required
            data-autofocus
          />
          {rollback.isError && <ErrorNotice error={rollback.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Keep it
            </Button>
            <Button type="submit" loading={rollback.isPending}>
              Preview rollback
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
