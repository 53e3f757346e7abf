import { Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { ReleaseSummary } from "@/api/types";
import { RiskBadge, TierBadge } from "@/components/badges";
import { UndoIcon } from "@/components/icons";
import { LifecycleBadge } from "@/components/LifecycleBadge";
import { RelativeTime } from "@/components/RelativeTime";
import classes from "@/components/table.module.css";
import { formatMilliseconds } from "@/lib/time";

export function ReleaseTable({ releases }: { releases: ReleaseSummary[] }) {
  return (
    <Table.ScrollContainer type="native" minWidth={720}>
      <Table className={classes.table} aria-label="Releases">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Release</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Target</Table.Th>
            <Table.Th>Risk</Table.Th>
            <Table.Th>Requested by</Table.Th>
            <Table.Th>Created</Table.Th>
            <Table.Th ta="right">Duration</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {releases.map((release) => (
            <ReleaseRow key={release.release_id} release={release} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ReleaseRow({ release }: { release: ReleaseSummary }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <Text span size="xs" c="dimmed" ff="monospace">
            #{release.release_id}
          </Text>
          <Link
            to="/releases/$releaseId"
            params={{ releaseId: release.release_id }}
            className={classes.rowLink}
          >
            {release.service.name} r{release.revision.number}
          </Link>
          {release.kind === "rollback" && (
            <Group gap={3} c="dimmed" fz="xs" wrap="nowrap">
              <UndoIcon size={13} />{" "}
              {release.source === "system" ? "automatic rollback" : "rollback"}
            </Group>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <LifecycleBadge state={release.lifecycle_state} />
      </Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          {release.target.name}
          <TierBadge tier={release.environment.tier} />
        </Group>
      </Table.Td>
      <Table.Td>
        <RiskBadge level={release.risk.level} />
      </Table.Td>
      <Table.Td>
        {release.requested_by}{" "}
        {release.source !== "ui" && (
          <Text span size="xs" c="dimmed">
            via {release.source.toUpperCase()}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <RelativeTime iso={release.created_at} />
      </Table.Td>
      <Table.Td ta="right" style={{ fontVariantNumeric: "tabular-nums" }}>
        {release.duration_ms === null ? "—" : formatMilliseconds(release.duration_ms)}
      </Table.Td>
    </Table.Tr>
  );
}
