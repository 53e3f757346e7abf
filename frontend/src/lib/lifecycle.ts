/** The seven states of a release and how each one looks: the only place that knows. */

export const LIFECYCLE_STATES = [
  "preview",
  "pending_approval",
  "approved",
  "applying",
  "applied",
  "failed",
  "rollback",
] as const;

export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

interface Look {
  label: string;
  /** A Mantine colour name. */
  color: string;
  animated: boolean;
}

export const LIFECYCLE: Record<LifecycleState, Look> = {
  preview: { label: "Preview", color: "gray", animated: false },
  pending_approval: { label: "Pending approval", color: "orange", animated: false },
  approved: { label: "Approved", color: "blue", animated: false },
  applying: { label: "Applying", color: "cyan", animated: true },
  applied: { label: "Applied", color: "green", animated: false },
  failed: { label: "Failed", color: "red", animated: false },
  rollback: { label: "Rolled back", color: "violet", animated: false },
};

/** States that change without anyone on this page doing something. */
const MOVING: ReadonlySet<LifecycleState> = new Set(["pending_approval", "approved", "applying"]);

export const isMoving = (state: LifecycleState): boolean => MOVING.has(state);

/** How often to ask again, in milliseconds; false when nothing will change by itself. */
export function pollInterval(states: readonly LifecycleState[]): number | false {
  if (states.includes("applying") || states.includes("approved")) return 2_000;
  return states.includes("pending_approval") ? 8_000 : false;
}
