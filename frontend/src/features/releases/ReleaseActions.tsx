import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

import { useCan } from "@/api/me";
import type { Release } from "@/api/types";
import { UndoIcon } from "@/components/icons";
import { LinkButton } from "@/components/links";

import { CancelDialog } from "./CancelDialog";
import { RollbackDialog } from "./RollbackDialog";

const NEVER_RAN = new Set(["approval_rejected", "approval_ticket_expired"]);

export function ReleaseActions({ release }: { release: Release }) {
  const [rollbackOpen, rollback] = useDisclosure();
  const [cancelOpen, cancel] = useDisclosure();
  const mayApply = useCan(release.project.id, "release_apply");
  const mayRollBack = useCan(release.project.id, "release_rollback");
  const state = release.lifecycle_state;

  const cancellable = state === "pending_approval" || state === "approved" || state === "applying";
  const undoable =
    state === "applied" || (state === "failed" && !NEVER_RAN.has(release.reason_code));
  return (
    <>
      {(state === "applied" || state === "failed" || state === "rollback") && mayApply && (
        <LinkButton
          to="/releases/new"
          search={{
            service: release.service.id,
            target: release.target.id,
            revision: release.revision.id,
          }}
          variant="default"
        >
          Release again
        </LinkButton>
      )}
      {undoable && mayRollBack && (
        <Button variant="default" leftSection={<UndoIcon size={14} />} onClick={rollback.open}>
          Roll back
        </Button>
      )}
      {cancellable && mayApply && (
        <Button variant="default" onClick={cancel.open}>
          Cancel release
        </Button>
      )}
      <RollbackDialog release={release} opened={rollbackOpen} onClose={rollback.close} />
      <CancelDialog release={release} opened={cancelOpen} onClose={cancel.close} />
    </>
  );
}
