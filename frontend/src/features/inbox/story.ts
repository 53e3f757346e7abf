import type { InboxAction, InboxItemDetail } from "@/api/types";

const VERBS: Record<string, string> = {
  created: "Asked for",
  approved: "Approved",
  rejected: "Rejected",
  commented: "Commented",
  claimed: "Claimed",
  assigned: "Assigned",
  cancelled: "Cancelled",
  expired: "Expired",
  reminded: "Reminded",
  escalated: "Made more urgent",
  broke_glass: "Approved by break-glass",
};

export const verbLabel = (verb: string): string => VERBS[verb] ?? verb.replaceAll("_", " ");

const SOURCES: Record<string, string> = { api: "the API", ai: "AI", system: "the system" };

/** Through which door it was asked for, after a name; nothing for the usual one. */
export const viaSource = (source: string): string =>
  source === "ui" ? "" : ` via ${SOURCES[source] ?? source}`;

/** What was said when it happened last; empty if nothing was. */
export const lastWords = (actions: InboxAction[], verb: InboxAction["verb"]): string =>
  actions.findLast((action) => action.verb === verb)?.comment ?? "";

type Told = Pick<
  InboxItemDetail,
  "actions" | "approvals_count" | "expires_at" | "requested_by" | "required_approvals"
>;

/** Why the caller may not decide, as far as the ticket tells. */
export function whyNot(item: Told, username: string, now: number): string {
  if (Date.parse(item.expires_at) <= now) {
    return "This ticket has expired, so nobody can decide on it any more.";
  }
  if (item.requested_by === username) {
    return "You asked for this change, so someone else has to decide on it.";
  }
  if (item.actions.some(({ actor, verb }) => verb === "approved" && actor === username)) {
    const missing = item.required_approvals - item.approvals_count;
    return `You have approved it. It needs ${missing} more ${missing === 1 ? "approval" : "approvals"}, of other people.`;
  }
  return "You can't decide on this ticket: it needs the right to review here, and a person who did not ask for the change, preview it or own the bot that did.";
}
