import { Group, List, Stack, Text, ThemeIcon } from "@mantine/core";

import type { Check, Release } from "@/api/types";
import { RiskBadge } from "@/components/badges";
import { CheckIcon, CrossIcon, WarningIcon } from "@/components/icons";
import { Panel } from "@/components/Panel";

const CHECK_LOOK = {
  pass: { color: "green", icon: <CheckIcon size={12} />, label: "passed" },
  warn: { color: "orange", icon: <WarningIcon size={12} />, label: "warning" },
  fail: { color: "red", icon: <CrossIcon size={12} />, label: "failed" },
} as const;

export function RiskPanel({ release }: { release: Release }) {
  const { risk, checks, warnings } = release;
  // A check that warns is among the warnings, too.
  const told = new Set(checks.map(({ message }) => message));
  const others = warnings.filter((warning) => !told.has(warning));
  return (
    <Panel title="Risk and checks" aside={<RiskBadge level={risk.level} />}>
      <Stack gap="sm">
        {risk.reasons.length > 0 && (
          <List size="sm" spacing={3}>
            {risk.reasons.map((reason) => (
              <List.Item key={reason}>{reason}</List.Item>
            ))}
          </List>
        )}
        {others.map((warning) => (
          <CheckRow key={warning} check={{ id: warning, status: "warn", message: warning }} />
        ))}
        {checks.map((check) => (
          <CheckRow key={`${check.id} ${check.message}`} check={check} />
        ))}
        {risk.reasons.length + warnings.length + checks.length === 0 && (
          <Text size="sm" c="dimmed">
            Nothing to point out.
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

function CheckRow({ check }: { check: Check }) {
  const { color, icon, label } = CHECK_LOOK[check.status];
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <ThemeIcon size={18} radius="xl" color={color} variant="light" aria-label={label} role="img">
        {icon}
      </ThemeIcon>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {check.message || check.id}
      </Text>
    </Group>
  );
}
