import type { Diff, InboxItemDetail } from "@/api/types";

type SubjectData = InboxItemDetail["subject"]["diff"];

/** A release's diff; null for subjects that have none, such as an installation's plan. */
export function readDiff(data: SubjectData): Diff | null {
  return "summary" in data && Array.isArray(data.resources) ? (data as unknown as Diff) : null;
}

export const readTexts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
