import { Alert, Skeleton, Stack, Text } from "@mantine/core";

import type { EffectivePolicy, Policy } from "@/api/types";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Properties } from "@/components/Properties";

import { formatMinutes } from "./policyForm";
import { useEffective } from "./queries";
import { RULE_LABELS } from "./words";

interface Props {
  project: number;
  tier: Policy["tier"];
  action: Policy["action"];
}

export function Effective({ project, tier, action }: Props) {
  const effective = useEffective(project, tier, action);
  if (effective.data) return <Answer effective={effective.data} />;
  if (effective.isError) {
    return <ErrorNotice error={effective.error} onRetry={() => void effective.refetch()} />;
  }
  return <Skeleton height={84} aria-label="Loading" />;
}

function Answer({ effective }: { effective: EffectivePolicy }) {
  const { policy, reason, required_approvals: required, forbids, eligible, overruled } = effective;
  return (
    <Stack gap="sm" role="status">
      <Text size="sm" fw={600}>
        {reason}
      </Text>
      {!effective.satisfiable && (
        <Alert color="red" title="Nobody could complete such a ticket">
          It asks for {people(required)}, but only {people(eligible)} may review in this project.
          Whoever asks is one less. Give more people the role of an approver, or ask for fewer.
        </Alert>
      )}
      {effective.satisfiable && required > 0 && eligible === required && (
        <Alert color="orange" title="Just enough people">
          Where one of them asks for a change, too few are left to approve it.
        </Alert>
      )}
      <Properties
        rows={[
          ["Approvals", required === 0 ? "none: it runs at once" : `${required}`],
          ["May review here", `${people(eligible)}; whoever asks is one less`],
          ["Expires after", policy && required > 0 && formatMinutes(policy.expires_minutes ?? 30)],
          ["Forbidden", forbids.map((rule) => RULE_LABELS[rule]).join(", ") || "nothing"],
          ["Overruled", overruled.map(overruledText).join("; ")],
        ]}
      />
    </Stack>
  );
}

const people = (count: number): string => (count === 1 ? "1 person" : `${count} people`);

/** The project's own overrules the one for all projects; only that one can be overruled. */
function overruledText({ required_approvals: required = 1 }: Policy): string {
  return `the policy for all projects, which asks for ${required === 1 ? "1 approval" : `${required} approvals`}`;
}
