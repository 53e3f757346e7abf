import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { Target } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { AutoRollbackField, MaxParallelField } from "./fields";
import { useChanged } from "./queries";

interface Props {
  target: Target;
  onClose: () => void;
}

export function TargetSettings({ target, onClose }: Props) {
  const [name, setName] = useState(target.name);
  const [maxParallel, setMaxParallel] = useState(String(target.max_parallel ?? 1));
  const [autoRollback, setAutoRollback] = useState(target.auto_rollback ?? false);
  const changed = useChanged();
  const save = $api.useMutation("patch", "/api/v1/deploy/targets/{id}", {
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  const fields = fieldErrors(save.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate({
      params: { path: { id: String(target.id) } },
      body: { name: name.trim(), max_parallel: Number(maxParallel), auto_rollback: autoRollback },
    });
  };

  return (
    <Modal opened onClose={onClose} title={`Settings of ${target.name}`}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fields.name}
            maxLength={63}
            required
            data-autofocus
          />
          {target.runtime_type === "compose" && (
            <MaxParallelField
              value={maxParallel}
              onChange={setMaxParallel}
              error={fields.max_parallel}
            />
          )}
          <AutoRollbackField value={autoRollback} onChange={setAutoRollback} />
          {save.isError && <ErrorNotice error={save.error} title="It was not saved" />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
