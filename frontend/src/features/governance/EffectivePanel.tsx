import { Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { useMe } from "@/api/me";
import type { Policy } from "@/api/types";
import { Panel } from "@/components/Panel";
import { readOneOf } from "@/lib/searchParams";

import { Effective } from "./Effective";
import { ACTION_LABELS, ACTIONS, options, TIER_LABELS, TIERS } from "./words";

/** Answers for one case: which policy decides, and whether enough people could. */
export function EffectivePanel({ project }: { project: number | undefined }) {
  const { projects } = useMe();
  const [chosen, setChosen] = useState(project ?? projects[0]?.id);
  const [tier, setTier] = useState<Policy["tier"]>("production");
  const [action, setAction] = useState<Policy["action"]>("apply");
  return (
    <Panel title="Which policy decides?">
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 3 }} maw={720}>
          <Select
            label="Project"
            data={projects.map(({ id, name }) => ({ value: String(id), label: name }))}
            value={chosen === undefined ? null : String(chosen)}
            onChange={(value) => setChosen(value ? Number(value) : undefined)}
            allowDeselect={false}
            searchable={projects.length > 8}
          />
          <Select
            label="Tier"
            data={options(TIER_LABELS)}
            value={tier}
            onChange={(value) => setTier(readOneOf(value, TIERS) ?? tier)}
            allowDeselect={false}
          />
          <Select
            label="Action"
            data={options(ACTION_LABELS)}
            value={action}
            onChange={(value) => setAction(readOneOf(value, ACTIONS) ?? action)}
            allowDeselect={false}
          />
        </SimpleGrid>
        {chosen === undefined ? (
          <Text size="sm" c="dimmed">
            You have no role on a project yet.
          </Text>
        ) : (
          <Effective project={chosen} tier={tier} action={action} />
        )}
      </Stack>
    </Panel>
  );
}
