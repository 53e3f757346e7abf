import type { Release } from "@/api/types";

/**
 * Whether applying takes the fields over that others manage. The release does not say so itself:
 * the preview's checks do, one for each manager.
 */
export const takesOver = ({ checks }: Pick<Release, "checks">): boolean =>
  checks.some(({ id, message }) => id === "conflicts" && message.includes("will be taken over"));
