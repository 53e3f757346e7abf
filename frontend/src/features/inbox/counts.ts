import type { InboxSummary } from "@/api/types";

import type { Scope } from "./filters";

/** The API stops counting here. */
const MOST = 10_000;

const grouped = new Intl.NumberFormat("en");

/** "1,234"; "10,000+" where counting stopped; nothing for a number that is not known. */
export function countText(count: number | undefined): string | undefined {
  if (count === undefined) return undefined;
  return count >= MOST ? `${grouped.format(MOST)}+` : grouped.format(count);
}

/** How many tickets a scope has. */
export function scopeCount(summary: InboxSummary | undefined, scope: Scope): number | undefined {
  if (!summary) return undefined;
  if (scope === "mine") return summary.mine;
  if (scope === "pending") return summary.status.pending ?? 0;
  return Object.values(summary.status).reduce((sum, count) => sum + count, 0);
}

/** A choice's label with how many tickets have it, as "High (4)". */
export const withCount = (label: string, counts: Record<string, number> | undefined, of: string) =>
  counts ? `${label} (${countText(counts[of] ?? 0)})` : label;
