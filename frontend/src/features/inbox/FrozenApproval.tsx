import { Button, Group } from "@mantine/core";

import type { Freeze } from "@/api/freeze";
import { useCan } from "@/api/me";
import type { InboxItemDetail } from "@/api/types";
import { FreezeNotice } from "@/components/FreezeNotice";
import { formatLocal } from "@/lib/localTime";

import type { Approval } from "./useDecision";

interface Props {
  freeze: Freeze;
  item: InboxItemDetail;
  busy: boolean;
  onApprove: (way: Omit<Approval, "comment">) => void;
}

/** An approval met a freeze: for its end, or through it with a reason. */
export function FrozenApproval({ freeze, item, busy, onApprove }: Props) {
  const mayOverride = useCan(item.project_id, "project_manage");
  const { endsAt } = freeze;
  return (
    <FreezeNotice
      freeze={freeze}
      outcome="it was not approved"
      advice="To start it during the freeze takes someone who may manage the project."
      override="Approve despite the freeze"
      mayOverride={mayOverride}
      busy={busy}
      onOverride={(freeze_override) => onApprove({ freeze_override })}
    >
      {endsAt && (
        <Group>
          <Button disabled={busy} onClick={() => onApprove({ apply_at: endsAt })}>
            Approve for {formatLocal(endsAt)}
          </Button>
        </Group>
      )}
    </FreezeNotice>
  );
}
