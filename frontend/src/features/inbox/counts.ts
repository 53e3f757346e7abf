import type { InboxSummary } from "@/api/types";

import type { Scope } from "./filters";

const grouped = new Intl.NumberFormat("en");

/** "1,234"; "10,000+" where counting ended there, as it does for all but what is pending. */
export const countText = (count: number, countedTo = Infinity): string =>
  `${grouped.format(count)}${count >= countedTo ? "+" : ""}`;

/** How many tickets a scope has, in words; undefined while nobody knows. */
export function scopeText(counts: InboxSummary | undefined, scope: Scope): string | undefined {
  if (!counts) return undefined;
  const { status, mine, counted_to: most } = counts;
  if (scope === "mine") return countText(mine, most);
  if (scope === "pending") return countText(status.pending ?? 0);
  const all = Object.values(status).reduce((sum, count) => sum + count, 0);
  const ended = Object.entries(status).some(([name, count]) => name !== "pending" && count >= most);
  return countText(all, ended ? 0 : Infinity);
}

/** "Rejected (12)": a state with how many tickets have it. */
export function statusText(
  label: string,
  counts: InboxSummary | undefined,
  status: string,
): string {
  if (!counts) return label;
  const most = status === "pending" ? Infinity : counts.counted_to;
  return `${label} (${countText(counts.status[status] ?? 0, most)})`;
}

/** "High (4)": a choice with how many pending tickets have it. */
export const withCount = (label: string, counts: Record<string, number> | undefined, of: string) =>
  counts ? `${label} (${countText(counts[of] ?? 0)})` : label;
