import type { TimelineEvent } from "@/api/types";

/** The rollback of a release that its timeline tells of. */
export interface FollowUp {
  automatic: boolean;
  /** The rollback; null when it could not even be made. */
  releaseId: number | null;
  /** Why it could not be made. */
  obstacle: string | null;
}

const TOLD = new Set(["release.rollback_requested", "release.rollback_failed"]);

/** The last rollback asked for in a release's events, oldest first; null when there was none. */
export function followUpOf(events: TimelineEvent[]): FollowUp | null {
  const last = events.findLast(({ action }) => TOLD.has(action));
  if (!last) return null;
  const { by_release: by, message } = last.detail;
  const requested = events.findLast(({ action }) => action === "release.rollback_requested");
  return {
    automatic: (requested ?? last).source === "system",
    releaseId: typeof by === "number" ? by : null,
    obstacle: typeof by !== "number" && typeof message === "string" ? message : null,
  };
}
