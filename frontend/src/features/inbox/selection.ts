import type { BulkTicket, InboxItem } from "@/api/types";

/** So many tickets go into one request. */
export const MOST_AT_ONCE = 100;

/** Those of the shown tickets that the caller may decide now. */
export const decidable = (items: InboxItem[]): string[] =>
  items
    .filter(({ can_review, status }) => can_review && status === "pending")
    .map(({ ticket }) => ticket);

/** What is chosen and still there to be decided, in the order it is shown. */
export const chosenOf = (items: InboxItem[], chosen: ReadonlySet<string>): string[] =>
  decidable(items)
    .filter((ticket) => chosen.has(ticket))
    .slice(0, MOST_AT_ONCE);

export function toggled(chosen: ReadonlySet<string>, ticket: string): Set<string> {
  const next = new Set(chosen);
  if (!next.delete(ticket)) next.add(ticket);
  return next;
}

/** "3 approved, 1 refused" of what was sent together. */
export function bulkSentence(results: BulkTicket[], decision: "approve" | "reject"): string {
  const done = results.filter(({ ok }) => ok).length;
  const refused = results.length - done;
  const verb = decision === "approve" ? "approved" : "rejected";
  if (refused === 0) return `${done} ${verb}`;
  return `${done} ${verb}, ${refused} refused`;
}
