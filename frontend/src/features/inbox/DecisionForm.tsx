import { Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { fieldErrors } from "@/api/errors";
import { useMe } from "@/api/me";
import type { InboxItemDetail } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Panel } from "@/components/Panel";
import { fromLocalInput } from "@/lib/localTime";
import { useNow } from "@/lib/useNow";

import { DecisionButtons } from "./DecisionButtons";
import { FrozenApproval } from "./FrozenApproval";
import { type Schedule, ScheduleField, UNSCHEDULED } from "./ScheduleField";
import { whyNot } from "./story";
import { useDecision } from "./useDecision";

/** One comment box for all that can be said: approve, reject (with a reason) or just comment. */
export function DecisionForm({ item }: { item: InboxItemDetail }) {
  const { user } = useMe();
  const now = useNow();
  const [comment, setComment] = useState("");
  const [missing, setMissing] = useState(false);
  const [schedule, setSchedule] = useState<Schedule>(UNSCHEDULED);
  const decision = useDecision(item.ticket, () => {
    setComment("");
    setSchedule(UNSCHEDULED);
  });
  const { freeze, error, busy } = decision;
  const fields = fieldErrors(error);
  const pending = item.status === "pending";
  const mayDecide = pending && item.can_review;

  /** Runs an action that needs the comment, or points at the empty box. */
  const withComment = (action: (comment: string) => void) => {
    setMissing(comment.trim() === "");
    if (comment.trim() !== "") action(comment);
  };
  const approve = () => {
    if (!schedule.wanted) {
      decision.approve({ comment });
      return;
    }
    const apply_at = fromLocalInput(schedule.moment);
    setSchedule({ ...schedule, missing: apply_at === null });
    if (apply_at !== null) decision.approve({ comment, apply_at });
  };

  return (
    <Panel title={mayDecide ? "Decide" : "Discussion"}>
      <Stack gap="sm">
        {pending && !item.can_review && (
          <Text size="sm" c="dimmed" role="note">
            {whyNot(item, user.username, now)}
          </Text>
        )}
        <Textarea
          label="Comment"
          description={mayDecide ? "Optional to approve, needed to reject" : undefined}
          value={comment}
          onChange={(event) => {
            setComment(event.currentTarget.value);
            setMissing(false);
          }}
          error={missing ? "Say why in a few words." : fields.comment}
          maxLength={4000}
          autosize
          minRows={2}
        />
        {mayDecide && (
          <ScheduleField value={schedule} onChange={setSchedule} error={fields.apply_at} />
        )}
        {freeze && mayDecide && (
          <FrozenApproval
            freeze={freeze}
            item={item}
            busy={busy}
            onApprove={(way) => decision.approve({ comment, ...way })}
          />
        )}
        {error !== null && <ErrorNotice error={error} />}
        <DecisionButtons
          mayDecide={mayDecide}
          later={schedule.wanted}
          busy={busy}
          pending={decision.pending}
          onApprove={approve}
          onReject={() => withComment(decision.reject)}
          onSay={() => withComment(decision.say)}
        />
      </Stack>
    </Panel>
  );
}
