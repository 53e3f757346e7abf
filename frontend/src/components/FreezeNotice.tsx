import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { type ReactNode, type SyntheticEvent, useState } from "react";

import type { Freeze } from "@/api/freeze";
import { RelativeTime } from "@/components/RelativeTime";
import { formatUtc } from "@/lib/time";

interface Props {
  freeze: Freeze;
  /** What did not happen, after "Changes are frozen:". */
  outcome: string;
  mayOverride: boolean;
  /** What to do without the right to override. */
  advice: string;
  /** On the button that overrides, as "Apply despite the freeze". */
  override: string;
  busy: boolean;
  onOverride: (reason: string) => void;
  /** Another way on. */
  children?: ReactNode;
}

/** Changes are frozen: why and until when; who may, gives a reason and goes on all the same. */
export function FreezeNotice(props: Props) {
  const { freeze, outcome, mayOverride, advice, children } = props;
  return (
    <Alert color="orange" title={`Changes are frozen: ${outcome}`} role="alert">
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
        {children}
        {mayOverride ? (
          <OverrideForm {...props} />
        ) : (
          <Text size="sm" c="dimmed">
            {advice}
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function OverrideForm({
  busy,
  override,
  onOverride,
}: Pick<Props, "busy" | "override" | "onOverride">) {
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
            {override}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
