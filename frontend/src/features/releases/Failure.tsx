import { Alert, Stack, Text } from "@mantine/core";

import { describeReason } from "@/api/errors";
import type { Release } from "@/api/types";

import { aftermath, readDiagnostics } from "./diagnosis";
import { useReleaseSteps } from "./queries";
import { RollbackNote } from "./RollbackNote";

/** Why it failed, what to do about it, and what runs on the target now. */
export function Failure({ release }: { release: Release }) {
  const diagnostics = readDiagnostics(release);
  const reason = describeReason(release.reason_code) ?? "It ended without a reason.";
  const steps = useReleaseSteps(release.release_id, false).data;
  const undone = release.lifecycle_state === "rollback";
  const after = !undone && diagnostics && steps && aftermath(release, diagnostics, steps);
  return (
    <Alert color="red" title={`${undone ? "It had failed" : "Failed"}: ${reason}`} role="status">
      <Stack gap={6}>
        {!diagnostics && release.duration_ms === null && (
          <Text size="sm">It never ran, so nothing on the target was changed.</Text>
        )}
        {diagnostics?.summary.message && (
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {diagnostics.summary.message}
          </Text>
        )}
        {diagnostics?.summary.hint && (
          <Text size="sm">
            <b>What to do:</b> {diagnostics.summary.hint}
          </Text>
        )}
        {after && (
          <Text size="sm">
            <b>On the target:</b> {after}
          </Text>
        )}
        {!undone && diagnostics && <RollbackNote release={release} />}
      </Stack>
    </Alert>
  );
}
