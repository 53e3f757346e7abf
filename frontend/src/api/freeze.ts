import { toApiError } from "./errors";

export interface Freeze {
  reason: string;
  /** ISO time; null for a freeze without a foreseeable end. */
  endsAt: string | null;
}

/** The freeze that an apply was refused for; null for any other error. */
export function freezeOf(error: unknown): Freeze | null {
  const { code, data } = toApiError(error);
  if (code !== "freeze_active") return null;
  const told = (data.freeze ?? {}) as Record<string, unknown>;
  return {
    reason: typeof told.reason === "string" ? told.reason : "",
    endsAt: typeof told.ends_at === "string" ? told.ends_at : null,
  };
}
