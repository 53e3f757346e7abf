import { readOneOf } from "@/lib/searchParams";

const TABS = ["diff", "timeline", "log", "diagnostics", "manifest"] as const;

export type ReleaseTab = (typeof TABS)[number];

export const readTab = (value: unknown): ReleaseTab | undefined => readOneOf(value, TABS);
