import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import { RelativeTime } from "@/components/RelativeTime";
import { formatUtc } from "@/lib/time";

import type { Freeze } from "./freeze";

interface Props {
  freeze: Freeze;
  mayOverride: boolean;
  busy: boolean;
  onOverride: (reason: string) => void;
}

/** Changes are frozen: why and until when; who may, gives a reason and applies all the same. */
export function FreezeNotice({ freeze, mayOverride, busy, onOverride }: Props) {
  return (
    <Alert color="orange" title="Changes are frozen: it was not applied" role="alert">
      <Stack gap="sm">
        <Text size="sm">
          {freeze.reason && <>{freeze.reason} — </>}
          {freeze.endsAt ? (
            <>
              the freeze ends <RelativeTime iso={freeze.endsAt} />, at {formatUtc(freeze.endsAt)}.
            </>
          ) : (
            "the freeze has no end in sight."
          )}
        </Text>
        {mayOverride ? (
          <OverrideForm busy={busy} onOverride={onOverride} />
        ) : (
          <Text size="sm" c="dimmed">
            Apply it when the freeze is over. Who may manage the project can apply it now.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function OverrideForm({ busy, onOverride }: Pick<Props, "busy" | "onOverride">) {
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setMissing(reason.trim() === "");
    if (reason.trim() !== "") onOverride(reason.trim());
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="xs">
        <Textarea
          label="Why can't it wait?"
          description="Kept in the project's timeline, with your name"
          value={reason}
          onChange={(event) => {
            setReason(event.currentTarget.value);
            setMissing(false);
          }}
          error={missing && "Say why in a few words."}
          maxLength={4000}
          autosize
          minRows={2}
          required
        />
        <Group>
          <Button type="submit" color="orange.8" loading={busy}>
            Apply despite the freeze
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
