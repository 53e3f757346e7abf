import { readOneOf, readText } from "@/lib/searchParams";

export const SCOPES = ["mine", "pending", "all"] as const;
export const RISKS = ["low", "medium", "high", "critical"] as const;
export const PRIORITIES = ["P0", "P1", "P2", "P3"] as const;

export type Scope = (typeof SCOPES)[number];

export interface InboxFilters {
  scope?: Scope;
  risk?: (typeof RISKS)[number];
  priority?: (typeof PRIORITIES)[number];
  q?: string;
}

export const readInboxFilters = (search: Record<string, unknown>): InboxFilters => ({
  scope: readOneOf(search.scope, SCOPES),
  risk: readOneOf(search.risk, RISKS),
  priority: readOneOf(search.priority, PRIORITIES),
  q: readText(search.q),
});
