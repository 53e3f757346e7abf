import { Button, Group, Modal, Select, Stack } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import { useUsers } from "@/api/names";
import type { InboxItemDetail } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { useTicketChanged } from "./queries";

interface Props {
  item: InboxItemDetail;
  onClose: () => void;
}

/** Puts the ticket on somebody's list; whether that person may decide it, the API says. */
export function AssignDialog({ item, onClose }: Props) {
  const users = useUsers();
  const [chosen, setChosen] = useState<string | null>(null);
  const changed = useTicketChanged();
  const assign = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/assign", {
    onSuccess: async (answer) => {
      onClose();
      await changed(answer);
    },
  });
  const people = (users.data ?? []).filter(
    ({ is_active, is_bot, username }) =>
      is_active && !is_bot && username !== item.requested_by && username !== item.assigned_to,
  );
  const { user_id: refused } = fieldErrors(assign.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (chosen === null) return;
    assign.mutate({
      params: { path: { ticket: item.ticket } },
      body: { user_id: Number(chosen) },
    });
  };
  return (
    <Modal opened onClose={onClose} title={`Assign ${item.ticket}`}>
      <form onSubmit={submit}>
        <Stack>
          <Select
            label="Person"
            description="Someone with the right to review here, and no part in the change"
            placeholder={users.isPending ? "Loading…" : "Choose a person"}
            data={people.map(({ id, username }) => ({ value: String(id), label: username }))}
            value={chosen}
            onChange={(value) => {
              setChosen(value);
              assign.reset();
            }}
            error={refused}
            nothingFoundMessage="No such person"
            limit={100}
            searchable
            required
            data-autofocus
          />
          {users.isError && <ErrorNotice error={users.error} />}
          {assign.isError && !refused && <ErrorNotice error={assign.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={assign.isPending} disabled={chosen === null}>
              Assign
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
