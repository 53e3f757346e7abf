import { Alert, Button, Group, List, Modal, Stack, Textarea } from "@mantine/core";
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

/** The way past approvals in an emergency: it says what it does, and wants to know why. */
export function BreakGlassDialog({ item, onClose }: Props) {
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const changed = useTicketChanged();
  const breakGlass = $api.useMutation("post", "/api/v1/approvals/inbox/{ticket}/break-glass", {
    onSuccess: async (answer) => {
      onClose();
      await changed(answer);
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setMissing(reason.trim() === "");
    if (reason.trim() === "") return;
    breakGlass.mutate({
      params: { path: { ticket: item.ticket } },
      body: { reason: reason.trim() },
    });
  };
  return (
    <Modal opened onClose={onClose} title={`Break the glass on ${item.ticket}`}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Alert color="red" title="Only for an emergency">
            <List size="sm" spacing={2}>
              <List.Item>
                It approves at once, whatever approvals are missing, and whatever freeze holds.
              </List.Item>
              <List.Item>What policy forbids stays forbidden.</List.Item>
              <List.Item>
                Your name and your reason go into the project&apos;s timeline, it counts in the
                inbox, and whoever is to be notified hears of it.
              </List.Item>
            </List>
          </Alert>
          <Textarea
            label="Why can't it wait for approvals?"
            value={reason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
              setMissing(false);
            }}
            error={missing ? "Say why in a few words." : fieldErrors(breakGlass.error).reason}
            maxLength={4000}
            autosize
            minRows={3}
            required
            data-autofocus
          />
          {breakGlass.isError && <ErrorNotice error={breakGlass.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" color="red.8" loading={breakGlass.isPending}>
              Break the glass and approve
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
