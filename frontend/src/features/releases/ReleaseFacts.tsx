import { Code, Stack, Text } from "@mantine/core";

import type { Release } from "@/api/types";
import { Digest } from "@/components/Digest";
import { TextLink } from "@/components/links";
import { Panel } from "@/components/Panel";
import { Properties } from "@/components/Properties";
import { RelativeTime } from "@/components/RelativeTime";
import { RUNTIME_LABELS } from "@/lib/runtimes";
import { formatMilliseconds } from "@/lib/time";

import { ReleaseLink } from "./ReleaseLink";
import { STRATEGIES } from "./strategies";

export function ReleaseFacts({ release }: { release: Release }) {
  const variables = Object.entries(release.variables);
  return (
    <>
      <Panel title="Details">
        <Properties
          rows={[
            ["Project", release.project.name],
            ["Environment", release.environment.name],
            ["Runtime", RUNTIME_LABELS[release.runtime_type]],
            ["Strategy", STRATEGIES[release.strategy].label],
            ["Revision", `r${release.revision.number}`],
            ["Source", release.source.toUpperCase()],
            [
              "Ticket",
              release.approval_ticket && (
                <TextLink to="/inbox/$ticket" params={{ ticket: release.approval_ticket }}>
                  {release.approval_ticket}
                </TextLink>
              ),
            ],
            ["Approval", release.approval_status],
            ["Undoes", linkTo(release.rollback_of)],
            ["Content of", linkTo(release.source_release_id)],
            ["Rolled back by", linkTo(release.rolled_back_by)],
            ["Applied", release.applied_at && <RelativeTime iso={release.applied_at} />],
            ["Finished", release.finished_at && <RelativeTime iso={release.finished_at} />],
            [
              "Duration",
              release.duration_ms === null ? null : formatMilliseconds(release.duration_ms),
            ],
            [
              "Content",
              release.context_hash && <Digest value={release.context_hash} label="content hash" />,
            ],
          ]}
        />
      </Panel>
      {release.images.length > 0 && (
        <Panel title="Images">
          <Stack gap="xs">
            {release.images.map(({ service, reference, digest }) => (
              <div key={`${service} ${reference}`}>
                <Text size="xs" c="dimmed">
                  {service}
                </Text>
                <Text ff="monospace" fz="xs" style={{ overflowWrap: "anywhere" }}>
                  {reference}
                </Text>
                {digest ? (
                  <Digest value={digest} label={`digest of ${reference}`} />
                ) : (
                  <Text size="xs" c="dimmed">
                    {unpinned(release)}
                  </Text>
                )}
              </div>
            ))}
          </Stack>
        </Panel>
      )}
      {variables.length > 0 && (
        <Panel title="Variables">
          <Properties
            rows={variables.map(([name, value]) => [name, <Code key={name}>{value}</Code>])}
          />
        </Panel>
      )}
    </>
  );
}

/** Why an image has no digest: a cluster tells it of the pods that run. */
function unpinned({ runtime_type: runtime, applied_at: applied }: Release): string {
  if (runtime === "compose") return "not pinned by digest";
  return applied ? "the cluster tells no digest" : "digest known once it runs";
}

const linkTo = (id: number | null) => id !== null && <ReleaseLink id={id}>#{id}</ReleaseLink>;
