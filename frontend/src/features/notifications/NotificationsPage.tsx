import { Select, Stack, Text } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { useMe } from "@/api/me";
import { EmptyState } from "@/components/EmptyState";
import { Panel } from "@/components/Panel";

import { ChannelsPanel } from "./ChannelsPanel";

/** Where a project's events are told: of the project in the header, or of one chosen here. */
export function NotificationsPage() {
  const { project } = useSearch({ from: "/shell" });
  const managed = useMe().projects.filter(({ permissions }) =>
    permissions.includes("project_manage"),
  );
  const [own, setOwn] = useState(managed[0]?.id);
  const chosen = project ?? own;
  if (chosen === undefined || !managed.some(({ id }) => id === chosen)) {
    return (
      <Panel>
        <EmptyState title="Not yours to see">
          Notifications of a project are for those who manage it.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Stack>
      {project === undefined && managed.length > 1 && (
        <Select
          label="Project"
          maw={260}
          data={managed.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={String(chosen)}
          onChange={(value) => setOwn(value ? Number(value) : chosen)}
          allowDeselect={false}
          searchable={managed.length > 8}
        />
      )}
      <ChannelsPanel key={chosen} project={chosen} />
      <Text size="xs" c="dimmed">
        A message says what changes, where, and at what risk, with a link; never a secret.
      </Text>
    </Stack>
  );
}
