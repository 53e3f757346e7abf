import type { Diff, InboxItemDetail } from "@/api/types";

type SubjectData = InboxItemDetail["subject"]["diff"];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A release's diff; null for subjects that have none: an installation's plan, a former ticket's. */
export function readDiff(data: SubjectData): Diff | null {
  const { summary, resources } = data;
  if (!isRecord(summary) || typeof summary.create !== "number") return null;
  return Array.isArray(resources) ? (data as unknown as Diff) : null;
}

/** Texts of a list, also of rows that carry theirs as `message`. */
export function readTexts(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value
    .map((item: unknown) => (isRecord(item) ? item.message : item))
    .filter((item): item is string => typeof item === "string" && item !== "");
}
