import { Pill } from "./Pill";

const RISK = {
  low: ["green", "Low risk"],
  medium: ["yellow", "Medium risk"],
  high: ["orange", "High risk"],
  critical: ["red", "Critical risk"],
} as const;

export type RiskLevel = keyof typeof RISK;

export function RiskBadge({ level }: { level: RiskLevel }) {
  const [color, label] = RISK[level];
  return (
    <Pill color={color} quiet>
      {label}
    </Pill>
  );
}

const TIER: Record<string, [color: string, label: string]> = {
  development: ["gray", "Development"],
  staging: ["blue", "Staging"],
  production: ["red", "Production"],
};

export function TierBadge({ tier, quiet = true }: { tier: string; quiet?: boolean }) {
  const [color, label] = TIER[tier] ?? ["gray", tier];
  return (
    <Pill color={color} quiet={quiet}>
      {label}
    </Pill>
  );
}

const PRIORITY = { P0: "red", P1: "orange", P2: "blue", P3: "gray" } as const;

export function PriorityBadge({ priority }: { priority: keyof typeof PRIORITY }) {
  return (
    <Pill color={PRIORITY[priority]} quiet>
      {priority}
    </Pill>
  );
}
