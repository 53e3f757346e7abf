import type { Diagnostics, Release, ReleaseStep } from "@/api/types";

/** The release's diagnostics in the contract's shape; null where there are none, or older ones. */
export function readDiagnostics({
  diagnostics_json: found,
}: Pick<Release, "diagnostics_json">): Diagnostics | null {
  const known = found?.schema === 1 && typeof found.summary === "object";
  return known ? (found as unknown as Diagnostics) : null;
}

/** What is on the target after a failed run: whether what ran before runs again. */
export function aftermath(
  release: Pick<Release, "reason_code" | "runtime_type">,
  { raw }: Diagnostics,
  steps: readonly ReleaseStep[],
): string {
  if (steps.length === 0) return "Nothing on the target was changed.";
  if (raw.restored === true) {
    return "The target is as it was before this release.";
  }
  if (raw.restored === false) {
    return "What ran before could not be restored everywhere.";
  }
  if (release.runtime_type === "compose" || release.reason_code === "needs_attention") {
    return "What runs on the target now is not known: look there.";
  }
  if (raw.untouched === true) {
    return "Nothing on the cluster was changed.";
  }
  return "What was applied before it failed stays on the cluster until it is rolled back.";
}

const WELL = new Set(["ok", "healthy", "running", "completed"]);
const UNDER_WAY = new Set(["progressing", "starting", "unready", "created", "restarting"]);

/** The colour of a diagnosed resource's status; words that are not known here look bad. */
export function statusColor(status: string): string {
  if (WELL.has(status)) return "green";
  if (UNDER_WAY.has(status)) return "orange";
  return status === "gone" ? "gray" : "red";
}
