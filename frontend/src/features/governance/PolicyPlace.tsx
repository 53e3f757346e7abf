import { Select, SimpleGrid } from "@mantine/core";

import { readOneOf } from "@/lib/searchParams";

import type { PolicyFields } from "./policyForm";
import { ScopeField } from "./ScopeField";
import { ACTION_LABELS, ACTIONS, options, TIER_LABELS, TIERS } from "./words";

export interface PartProps {
  fields: PolicyFields;
  errors: Record<string, string>;
  onChange: (part: Partial<PolicyFields>) => void;
}

/** Which decisions a policy is for. */
export function PolicyPlace({ fields, errors, onChange }: PartProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <ScopeField
        value={fields.projectId}
        onChange={(projectId) => onChange({ projectId })}
        error={errors.project_id}
      />
      <Select
        label="Tier"
        data={options(TIER_LABELS)}
        value={fields.tier}
        onChange={(value) => onChange({ tier: readOneOf(value, TIERS) ?? fields.tier })}
        error={errors.tier}
        allowDeselect={false}
        required
      />
      <Select
        label="Action"
        data={options(ACTION_LABELS)}
        value={fields.action}
        onChange={(value) => onChange({ action: readOneOf(value, ACTIONS) ?? fields.action })}
        error={errors.action ?? (errors.body && "There is a policy for this tier and action.")}
        allowDeselect={false}
        required
      />
    </SimpleGrid>
  );
}
