import type { Policy, PolicyRequest, RiskRule } from "@/api/types";

/** What the form for a policy holds; numbers as they are typed. */
export interface PolicyFields {
  projectId: number | null | undefined;
  tier: Policy["tier"];
  action: Policy["action"];
  requiredApprovals: string;
  expiresMinutes: string;
  priority: NonNullable<Policy["priority"]>;
  preventSelfApproval: boolean;
  excludeAuthors: boolean;
  autoApply: boolean;
  forbids: RiskRule[];
  enabled: boolean;
}

/** Of a policy; of none, what a new one begins with. */
export function policyFields(policy: Policy | null, projectId: number | undefined): PolicyFields {
  return {
    projectId: policy ? (policy.project_id ?? null) : projectId,
    tier: policy?.tier ?? "production",
    action: policy?.action ?? "apply",
    requiredApprovals: String(policy?.required_approvals ?? 1),
    expiresMinutes: String(policy?.expires_minutes ?? 30),
    priority: policy?.priority ?? "P2",
    preventSelfApproval: policy?.prevent_self_approval ?? true,
    excludeAuthors: policy?.exclude_authors ?? false,
    autoApply: policy?.auto_apply ?? true,
    forbids: policy?.forbids ?? [],
    enabled: policy?.enabled ?? true,
  };
}

export const policyRequest = (fields: PolicyFields): PolicyRequest => ({
  project_id: fields.projectId ?? null,
  tier: fields.tier,
  action: fields.action,
  required_approvals: Number(fields.requiredApprovals),
  expires_minutes: Number(fields.expiresMinutes),
  priority: fields.priority,
  prevent_self_approval: fields.preventSelfApproval,
  exclude_authors: fields.excludeAuthors,
  auto_apply: fields.autoApply,
  forbids: fields.forbids,
  enabled: fields.enabled,
});

/** Who can't give one of the approvals. */
export function excludedText(policy: Policy): string {
  const excluded = [
    ...(policy.prevent_self_approval ? ["who asked"] : []),
    ...(policy.exclude_authors ? ["authors"] : []),
  ];
  return excluded.join(", ") || "—";
}

const UNITS: [string, number][] = [
  ["d", 1_440],
  ["h", 60],
  ["min", 1],
];

/** 30 as "30 min", 90 as "1 h 30 min". */
export function formatMinutes(minutes: number): string {
  let left = minutes;
  const parts = UNITS.flatMap(([name, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? [`${count} ${name}`] : [];
  });
  return parts.join(" ") || "0 min";
}
