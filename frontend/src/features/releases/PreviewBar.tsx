import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { $api } from "@/api/client";
import { type Freeze, freezeOf } from "@/api/freeze";
import { useCan } from "@/api/me";
import type { Release } from "@/api/types";
import { Countdown } from "@/components/Countdown";
import { ErrorNotice } from "@/components/ErrorNotice";
import { FreezeNotice } from "@/components/FreezeNotice";
import { LinkButton } from "@/components/links";
import { Panel } from "@/components/Panel";
import { useNow } from "@/lib/useNow";

import { useReleaseChanged } from "./queries";

/** The promise of a preview: apply exactly this, while it holds. */
export function PreviewBar({ release }: { release: Release }) {
  const changed = useReleaseChanged();
  const mayApply = useCan(release.project.id, "release_apply");
  const mayOverride = useCan(release.project.id, "project_manage");
  const [freeze, setFreeze] = useState<Freeze | null>(null);
  const apply = $api.useMutation("post", "/api/v1/deploy/releases/apply", {
    onSuccess: changed,
    onError: (error) => setFreeze(freezeOf(error)),
  });
  const expiresAt = release.preview_expires_at;
  const expired = useNow("second") >= (expiresAt ? Date.parse(expiresAt) : Infinity);
  const ref = release.preview_ref;

  return (
    <Stack gap="sm">
      <Panel>
        <Group justify="space-between">
          <Stack gap={0}>
            <Text size="sm" fw={600}>
              This is a preview: nothing has changed yet.
            </Text>
            <Text size="sm" c="dimmed">
              {release.approval_required
                ? "Confirming asks for the approval this environment requires."
                : "Confirming applies exactly what is shown here."}
            </Text>
          </Stack>
          <Group gap="sm">
            {expiresAt && <Countdown until={expiresAt} expired="Preview expired" />}
            {expired ? (
              <LinkButton
                to="/releases/new"
                search={{
                  service: release.service.id,
                  target: release.target.id,
                  revision: release.revision.id,
                }}
                variant="default"
              >
                Preview again
              </LinkButton>
            ) : (
              <Button
                disabled={!ref}
                loading={apply.isPending}
                onClick={() => ref && apply.mutate({ body: { preview_ref: ref } })}
              >
                Confirm &amp; apply
              </Button>
            )}
          </Group>
        </Group>
        {!mayApply && (
          <Text size="sm" c="dimmed" mt={6}>
            You may look at this preview, but applying it needs the right to release here.
          </Text>
        )}
      </Panel>
      {freeze && !expired && ref && (
        <FreezeNotice
          freeze={freeze}
          outcome="it was not applied"
          advice="Apply it when the freeze is over. Who may manage the project can apply it now."
          override="Apply despite the freeze"
          mayOverride={mayOverride}
          busy={apply.isPending}
          onOverride={(reason) =>
            apply.mutate({ body: { preview_ref: ref, freeze_override: reason } })
          }
        />
      )}
      {apply.isError && !freeze && <ErrorNotice error={apply.error} title="It was not applied" />}
    </Stack>
  );
}
