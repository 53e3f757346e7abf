import { Button, Group, Modal, Stack } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { Policy } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { PolicyConditions } from "./PolicyConditions";
import { policyFields, policyRequest } from "./policyForm";
import { PolicyPlace } from "./PolicyPlace";
import { useChanged } from "./queries";
import { useRights } from "./rights";

interface Props {
  /** Null: a new one. */
  policy: Policy | null;
  project: number | undefined;
  onClose: () => void;
}

export function PolicyDialog({ policy, project, onClose }: Props) {
  const { may } = useRights();
  const [fields, setFields] = useState(() =>
    policyFields(policy, project !== undefined && may(project) ? project : undefined),
  );
  const set = (part: Partial<typeof fields>) => setFields((current) => ({ ...current, ...part }));
  const changed = useChanged();
  const done = async () => {
    onClose();
    await changed();
  };
  const create = $api.useMutation("post", "/api/v1/approvals/policies", { onSuccess: done });
  const change = $api.useMutation("patch", "/api/v1/approvals/policies/{id}", { onSuccess: done });
  const { error, isError, isPending } = policy ? change : create;
  const errors = fieldErrors(error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const body = policyRequest(fields);
    if (policy) change.mutate({ params: { path: { id: String(policy.id) } }, body });
    else create.mutate({ body });
  };

  return (
    <Modal opened onClose={onClose} title={policy ? "Policy" : "New policy"} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <PolicyPlace fields={fields} errors={errors} onChange={set} />
          <PolicyConditions fields={fields} errors={errors} onChange={set} />
          {isError && <ErrorNotice error={error} title="The policy was not saved" />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={isPending} disabled={fields.projectId === undefined}>
              {policy ? "Save" : "Create policy"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
