import { Group, Stack, Text } from "@mantine/core";
import { useMemo } from "react";

import type { Diff, DiffResource } from "@/api/types";
import { parseUnifiedDiff } from "@/lib/unifiedDiff";

import classes from "./DiffPanel.module.css";
import { DiffView } from "./DiffView";
import { EmptyState } from "./EmptyState";
import { Fold } from "./Fold";
import { Panel } from "./Panel";
import { Pill } from "./Pill";

const ACTIONS = {
  create: { color: "green", label: "Create" },
  update: { color: "blue", label: "Update" },
  delete: { color: "red", label: "Delete" },
} as const;

const OPEN_AT_MOST = 8;

/** What would change, resource by resource; the first few open. */
export function DiffPanel({ diff }: { diff: Diff }) {
  const { summary } = diff;
  return (
    <Stack gap="sm">
      <Text size="sm" role="status" aria-label="Diff summary">
        <b>{summary.create}</b> to create, <b>{summary.update}</b> to update,{" "}
        <b>{summary.delete}</b> to delete, <b>{summary.unchanged}</b> unchanged
      </Text>
      {diff.resources.length === 0 ? (
        <Panel>
          <EmptyState title="No difference">
            What this release wants is what already runs on the target.
          </EmptyState>
        </Panel>
      ) : (
        diff.resources.map((resource, index) => (
          <ResourceDiff
            key={`${resource.kind}/${resource.namespace}/${resource.name}`}
            resource={resource}
            open={index < OPEN_AT_MOST}
          />
        ))
      )}
    </Stack>
  );
}

function ResourceDiff({ resource, open }: { resource: DiffResource; open: boolean }) {
  const { action, kind, name, namespace, unified } = resource;
  const { added, deleted } = useMemo(() => parseUnifiedDiff(unified), [unified]);
  const { color, label } = ACTIONS[action];
  return (
    <Fold
      open={open}
      head={
        <>
          <Pill color={color}>{label}</Pill>
          <Text span size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
            {kind} {name}
          </Text>
          {namespace && (
            <Text span size="xs" c="dimmed">
              in {namespace}
            </Text>
          )}
          <Group gap={8} ml="auto" ff="monospace" fz="xs" wrap="nowrap">
            <span className={classes.added}>+{added}</span>
            <span className={classes.deleted}>−{deleted}</span>
          </Group>
        </>
      }
    >
      <DiffView unified={unified} label={`Diff of ${kind} ${name}`} />
    </Fold>
  );
}
