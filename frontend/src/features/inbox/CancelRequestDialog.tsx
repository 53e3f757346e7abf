import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import type { InboxItemDetail } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";

import { useTicketChanged } from "./queries";

interface Props {
  item: InboxItemDetail;
  onClose: () => void;
}

export function CancelRequestDialog({ item, onClose }: Props) {
  const [comment, setComment] = useState("");
  const changed = useTicketChanged();
  const cancel = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/cancel", {
    onSuccess: async (answer) => {
      onClose();
      await changed(answer);
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    cancel.mutate({ params: { path: { ticket: item.ticket } }, body: { comment } });
  };
  return (
    <Modal opened onClose={onClose} title={`Cancel the request ${item.ticket}?`}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            The ticket closes, and the change does not run. It can be asked for again with a new
            preview.
          </Text>
          <Textarea
            label="Comment"
            description="Optional; for those who were asked to review"
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            error={fieldErrors(cancel.error).comment}
            maxLength={4000}
            autosize
            minRows={2}
            data-autofocus
          />
          {cancel.isError && <ErrorNotice error={cancel.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Keep it
            </Button>
            <Button type="submit" color="red.8" loading={cancel.isPending}>
              Yes, cancel the request
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
