import { readId, readOneOf, readText } from "@/lib/searchParams";

export const SCOPES = ["mine", "pending", "all"] as const;
export const RISKS = ["low", "medium", "high", "critical"] as const;
export const PRIORITIES = ["P0", "P1", "P2", "P3"] as const;
export const STATUSES = ["pending", "approved", "rejected", "expired", "cancelled"] as const;
export const ACTIONS = ["apply", "rollback", "install", "vip"] as const;
export const SOURCES = ["ui", "api", "ai", "system"] as const;
export const SUBJECTS = ["release", "environment_install"] as const;

export type Scope = (typeof SCOPES)[number];

export interface InboxFilters {
  scope?: Scope;
  risk?: (typeof RISKS)[number];
  priority?: (typeof PRIORITIES)[number];
  status?: (typeof STATUSES)[number];
  action?: (typeof ACTIONS)[number];
  source?: (typeof SOURCES)[number];
  subject_type?: (typeof SUBJECTS)[number];
  team?: number;
  environment?: number;
  assigned_to?: number;
  requested_by?: number;
  break_glass?: true;
  q?: string;
}

export const readInboxFilters = (search: Record<string, unknown>): InboxFilters => ({
  scope: readOneOf(search.scope, SCOPES),
  risk: readOneOf(search.risk, RISKS),
  priority: readOneOf(search.priority, PRIORITIES),
  status: readOneOf(search.status, STATUSES),
  action: readOneOf(search.action, ACTIONS),
  source: readOneOf(search.source, SOURCES),
  subject_type: readOneOf(search.subject_type, SUBJECTS),
  team: readId(search.team),
  environment: readId(search.environment),
  assigned_to: readId(search.assigned_to),
  requested_by: readId(search.requested_by),
  break_glass: search.break_glass === true ? true : undefined,
  q: readText(search.q),
});

/** The filters that are out of sight until they are asked for. */
const RARE = [
  "status",
  "action",
  "source",
  "subject_type",
  "team",
  "environment",
  "assigned_to",
  "requested_by",
  "break_glass",
] as const;

const FILTERS = [...RARE, "risk", "priority", "q"] as const;

export const rareInUse = (filters: InboxFilters): number =>
  RARE.filter((name) => filters[name] !== undefined).length;

export const isFiltered = (filters: InboxFilters): boolean =>
  FILTERS.some((name) => filters[name] !== undefined);

/** What takes every filter away, but the scope. */
export const clearedFilters = (): InboxFilters =>
  Object.fromEntries(FILTERS.map((name) => [name, undefined]));

/** Of a chosen scope: only tickets of all states can be narrowed to one of them. */
export const ofScope = (scope: Scope | undefined): InboxFilters =>
  scope === "all" ? { scope } : { scope, status: undefined };
