import type { NotificationEvent } from "@/api/types";

/** What can be told, in the order of the API. */
export const EVENT_LABELS: Record<NotificationEvent, string> = {
  "approval.created": "Approval needed",
  "approval.reminded": "Reminder of an approval",
  "approval.escalated": "Approval grows urgent",
  "approval.approved": "Approved",
  "approval.rejected": "Rejected",
  "approval.expired": "Expired undecided",
  "approval.cancelled": "Request withdrawn",
  "release.applied": "Release applied",
  "release.failed": "Release failed",
  "environment.install_failed": "Installation failed",
  "environment.vip_failed": "Virtual IP failed",
  "cluster.expiring": "Cluster credential ends",
  "break_glass.used": "Break-glass used",
};

export const EVENTS = Object.keys(EVENT_LABELS) as NotificationEvent[];

/** What most want to hear of, chosen for a new channel. */
export const USUAL: NotificationEvent[] = [
  "approval.created",
  "approval.reminded",
  "release.failed",
  "break_glass.used",
];

export const isEvent = (value: string): value is NotificationEvent => value in EVENT_LABELS;

/** The events of a channel in a few words. */
export function eventsText(events: readonly NotificationEvent[]): string {
  if (events.length === 0) return "nothing";
  if (events.length === EVENTS.length) return "everything";
  const names = events.map((event) => EVENT_LABELS[event]);
  if (names.length <= 3) return names.join(", ");
  return `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

/** An event of a delivery: labelled, or as the timeline calls it. */
export const eventLabel = (action: string): string =>
  isEvent(action) ? EVENT_LABELS[action] : action;
