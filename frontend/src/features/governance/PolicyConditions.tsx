import { MultiSelect, Select, SimpleGrid, Switch, TextInput } from "@mantine/core";

import { readOneOf } from "@/lib/searchParams";

import type { PartProps } from "./PolicyPlace";
import { isRule, options, PRIORITIES, RULE_LABELS } from "./words";

/** Who has to agree, until when, and what may not be agreed to. */
export function PolicyConditions({ fields, errors, onChange }: PartProps) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput
          label="Approvals"
          description="Of different people; 0: nobody is asked"
          type="number"
          min={0}
          max={100}
          value={fields.requiredApprovals}
          onChange={(event) => onChange({ requiredApprovals: event.currentTarget.value })}
          error={errors.required_approvals}
          required
        />
        <TextInput
          label="Expires after"
          description="Minutes without a decision"
          type="number"
          min={1}
          value={fields.expiresMinutes}
          onChange={(event) => onChange({ expiresMinutes: event.currentTarget.value })}
          error={errors.expires_minutes}
          required
        />
        <Select
          label="Priority"
          description="At least; a high risk raises it"
          data={[...PRIORITIES]}
          value={fields.priority}
          onChange={(value) =>
            onChange({ priority: readOneOf(value, PRIORITIES) ?? fields.priority })
          }
          error={errors.priority}
          allowDeselect={false}
        />
      </SimpleGrid>
      <Switch
        label="Nobody approves what they asked for"
        description="Also not what their bot asked for, or what they previewed"
        checked={fields.preventSelfApproval}
        onChange={(event) => onChange({ preventSelfApproval: event.currentTarget.checked })}
        error={errors.prevent_self_approval}
      />
      <Switch
        label="Authors of the revision don't count either"
        checked={fields.excludeAuthors}
        onChange={(event) => onChange({ excludeAuthors: event.currentTarget.checked })}
        error={errors.exclude_authors}
      />
      <Switch
        label="Runs as soon as it is approved"
        description="Otherwise it waits until somebody applies it once more"
        checked={fields.autoApply}
        onChange={(event) => onChange({ autoApply: event.currentTarget.checked })}
        error={errors.auto_apply}
      />
      <MultiSelect
        size="xs"
        label="Forbidden"
        description="A change in which a preview found one of these may not run, whoever agrees"
        placeholder={fields.forbids.length === 0 ? "Nothing" : undefined}
        data={options(RULE_LABELS)}
        value={fields.forbids}
        onChange={(values) => onChange({ forbids: values.filter(isRule) })}
        error={errors.forbids}
        nothingFoundMessage="No such finding"
        searchable
        clearable
      />
      <Switch
        label="Enabled"
        checked={fields.enabled}
        onChange={(event) => onChange({ enabled: event.currentTarget.checked })}
        error={errors.enabled}
      />
    </>
  );
}
