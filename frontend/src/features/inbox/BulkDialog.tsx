import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors } from "@/api/errors";
import { ErrorNotice } from "@/components/ErrorNotice";

import { BulkResults } from "./BulkResults";
import { useChanged } from "./queries";

export interface Bulk {
  decision: "approve" | "reject";
  tickets: string[];
}

interface Props {
  bulk: Bulk;
  onClose: () => void;
  onDone: () => void;
}

const WORDS = {
  approve: { title: "Approve", color: "green.8", description: "Optional; kept on each of them" },
  reject: { title: "Reject", color: "red.8", description: "Needed; kept on each of them" },
};

/** One comment for all of them; then what became of each. */
export function BulkDialog({ bulk: { decision, tickets }, onClose, onDone }: Props) {
  const [comment, setComment] = useState("");
  const [missing, setMissing] = useState(false);
  const changed = useChanged();
  const decide = $api.useMutation("post", "/api/v1/approvals/inbox/bulk", {
    onSuccess: async () => {
      onDone();
      await changed();
    },
  });
  const { title, color, description } = WORDS[decision];
  const what = tickets.length === 1 ? "1 ticket" : `${tickets.length} tickets`;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const lacking = decision === "reject" && comment.trim() === "";
    setMissing(lacking);
    if (!lacking) decide.mutate({ body: { tickets, decision, comment } });
  };

  return (
    <Modal opened onClose={onClose} title={`${title} ${what}`}>
      {decide.data ? (
        <BulkResults results={decide.data.results} decision={decision} onClose={onClose} />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack>
            <Text size="sm">
              Each is decided for itself: where one can&apos;t be, the others are all the same.
            </Text>
            <Text size="xs" c="dimmed" mah={80} style={{ overflowY: "auto" }}>
              {tickets.join(", ")}
            </Text>
            <Textarea
              label="Comment"
              description={description}
              value={comment}
              onChange={(event) => {
                setComment(event.currentTarget.value);
                setMissing(false);
              }}
              error={missing ? "Say why in a few words." : fieldErrors(decide.error).comment}
              maxLength={4000}
              autosize
              minRows={2}
              required={decision === "reject"}
              data-autofocus
            />
            {decide.isError && <ErrorNotice error={decide.error} title="Nothing was decided" />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                Close
              </Button>
              <Button type="submit" color={color} loading={decide.isPending}>
                {title} {what}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
