import type { Revision } from "@/api/types";

/** The values that were filled in, for variables this revision has; the rest keep their default. */
export function filledIn(
  values: Record<string, string>,
  variables: Revision["variables"],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => name in (variables ?? {}) && value !== ""),
  );
}
