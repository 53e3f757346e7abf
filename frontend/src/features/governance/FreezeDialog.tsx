import { Button, Group, Modal, Select, SimpleGrid, Stack, Switch, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { FreezeWindow } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { readOneOf } from "@/lib/searchParams";

import { freezeFields, freezeRequest } from "./freezeForm";
import { FreezeTimes } from "./FreezeTimes";
import { useChanged } from "./queries";
import { useRights } from "./rights";
import { ScopeField } from "./ScopeField";
import { options, TIER_LABELS, TIERS } from "./words";

interface Props {
  /** Null: a new one. */
  freeze: FreezeWindow | null;
  project: number | undefined;
  onClose: () => void;
}

export function FreezeDialog({ freeze, project, onClose }: Props) {
  const { may } = useRights();
  const [fields, setFields] = useState(() =>
    freezeFields(freeze, project !== undefined && may(project) ? project : undefined),
  );
  const set = (part: Partial<typeof fields>) => setFields((current) => ({ ...current, ...part }));
  const changed = useChanged();
  const done = async () => {
    onClose();
    await changed();
  };
  const create = $api.useMutation("post", "/api/v1/approvals/freezes", { onSuccess: done });
  const change = $api.useMutation("patch", "/api/v1/approvals/freezes/{id}", { onSuccess: done });
  const { error, isError, isPending } = freeze ? change : create;
  const errors = fieldErrors(error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const body = freezeRequest(fields);
    if (freeze) change.mutate({ params: { path: { id: String(freeze.id) } }, body });
    else create.mutate({ body });
  };

  return (
    <Modal opened onClose={onClose} title={freeze ? "Freeze" : "New freeze"} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <ScopeField
              value={fields.projectId}
              onChange={(projectId) => set({ projectId })}
              error={errors.project_id}
            />
            <Select
              label="Tier"
              data={options(TIER_LABELS)}
              value={fields.tier}
              onChange={(value) => set({ tier: readOneOf(value, TIERS) ?? fields.tier })}
              error={errors.tier}
              allowDeselect={false}
              required
            />
          </SimpleGrid>
          <Textarea
            label="Reason"
            description="Shown to whoever meets the freeze"
            value={fields.reason}
            onChange={(event) => set({ reason: event.currentTarget.value })}
            error={errors.reason}
            maxLength={500}
            autosize
            minRows={1}
            required
          />
          <FreezeTimes fields={fields} errors={errors} onChange={set} />
          <Switch
            label="Enabled"
            checked={fields.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
            error={errors.enabled}
          />
          {isError && <ErrorNotice error={error} title="The freeze was not saved" />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={isPending} disabled={fields.projectId === undefined}>
              {freeze ? "Save" : "Create freeze"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
