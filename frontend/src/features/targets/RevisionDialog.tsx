import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { Service } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { ManifestField } from "./ManifestField";
import { useChanged } from "./queries";

interface Props {
  service: Service;
  onClose: () => void;
}

export function RevisionDialog({ service, onClose }: Props) {
  const [manifest, setManifest] = useState("");
  const [note, setNote] = useState("");
  const changed = useChanged();
  const create = $api.useMutation("post", "/api/v1/deploy/services/{service_pk}/revisions", {
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  const fields = fieldErrors(create.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const params = { path: { service_pk: String(service.id) } };
    create.mutate({ params, body: { manifest, note } });
  };

  return (
    <Modal opened onClose={onClose} title={`New revision of ${service.name}`} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <ManifestField
            runtime={service.runtime_type}
            value={manifest}
            onChange={setManifest}
            error={fields.manifest}
            required
          />
          <TextInput
            label="Note"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            error={fields.note}
            maxLength={4000}
          />
          {create.isError && <ErrorNotice error={create.error} title="The revision was not made" />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={create.isPending}>
              Create revision
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
