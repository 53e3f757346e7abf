const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

/** The colour that a credential's end calls for; undefined while it is far off. */
export function expiryColor(expiresAt: string, now: number): string | undefined {
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return "red";
  return left < SOON_DAYS * DAY_MS ? "orange" : undefined;
}
