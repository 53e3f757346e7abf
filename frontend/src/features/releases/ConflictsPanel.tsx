import { Group, Stack, Table, Text } from "@mantine/core";

import { useCan } from "@/api/me";
import type { Release } from "@/api/types";
import { LinkButton } from "@/components/links";
import { Panel } from "@/components/Panel";
import { Pill } from "@/components/Pill";
import classes from "@/components/table.module.css";

/** Fields of the cluster's objects that somebody else manages, and what becomes of them. */
export function ConflictsPanel({ release }: { release: Release }) {
  const { conflicts } = release;
  if (conflicts.length === 0) return null;
  const forced = release.force_conflicts;
  return (
    <Panel title="Fields that others manage" flush>
      <Stack gap={8} px={14} py={10}>
        <Text size="sm">
          {forced
            ? "Applying takes these fields over: what their managers set is replaced."
            : "Applying fails, and changes nothing, as long as these fields are in the manifest and others manage them."}
        </Text>
        {!forced && release.lifecycle_state === "preview" && <TakeOverLink release={release} />}
      </Stack>
      <Table.ScrollContainer type="native" minWidth={620}>
        <Table className={classes.table} aria-label="Fields that others manage">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Object</Table.Th>
              <Table.Th>Namespace</Table.Th>
              <Table.Th>Managed by</Table.Th>
              <Table.Th>Fields</Table.Th>
              <Table.Th>What happens</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {conflicts.map(({ kind, name, namespace, manager, fields }) => (
              <Table.Tr key={`${kind}/${namespace}/${name}/${manager}`}>
                <Table.Td fw={600}>
                  {kind} {name}
                </Table.Td>
                <Table.Td>{namespace || "—"}</Table.Td>
                <Table.Td>{manager}</Table.Td>
                <Table.Td className={classes.wrapping} ff="monospace" fz="xs">
                  {fields.join(", ")}
                </Table.Td>
                <Table.Td>
                  <Pill color={forced ? "orange" : "red"} quiet>
                    {forced ? "Taken over" : "Apply fails"}
                  </Pill>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function TakeOverLink({ release }: { release: Release }) {
  const mayApply = useCan(release.project.id, "release_apply");
  if (!mayApply || release.kind === "rollback") return null;
  return (
    <Group>
      <LinkButton
        to="/releases/new"
        search={{
          service: release.service.id,
          target: release.target.id,
          revision: release.revision.id,
          force: true,
        }}
        variant="default"
      >
        Preview again, taking them over
      </LinkButton>
    </Group>
  );
}
