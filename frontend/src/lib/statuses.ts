/** How the states of environments, tasks, steps and clusters look. */

interface Look {
  color: string;
  label: string;
  animated?: boolean;
}

const LOOKS: Record<string, Look> = {
  draft: { color: "gray", label: "Draft" },
  installing: { color: "cyan", label: "Installing", animated: true },
  ready: { color: "green", label: "Ready" },
  degraded: { color: "yellow", label: "Degraded" },
  failed: { color: "red", label: "Failed" },
  retired: { color: "gray", label: "Retired" },
  pending_approval: { color: "orange", label: "Pending approval" },
  queued: { color: "gray", label: "Queued", animated: true },
  pending: { color: "gray", label: "Not started" },
  running: { color: "cyan", label: "Running", animated: true },
  succeeded: { color: "green", label: "Succeeded" },
  skipped: { color: "gray", label: "Skipped" },
  cancelled: { color: "gray", label: "Cancelled" },
  needs_attention: { color: "red", label: "Needs attention" },
  not_enrolled: { color: "gray", label: "Not enrolled" },
  enrolled: { color: "blue", label: "Enrolled" },
  unverified: { color: "gray", label: "Not checked yet" },
  unreachable: { color: "red", label: "Unreachable" },
  unauthorized: { color: "red", label: "Refused" },
};

/** A look for every word, known here or not. */
export const lookOf = (status: string): Look =>
  LOOKS[status] ?? { color: "gray", label: status.replaceAll("_", " ") };

const TASK_MOVES = new Set(["pending_approval", "queued", "running"]);

export const taskMoves = (status: string): boolean => TASK_MOVES.has(status);
