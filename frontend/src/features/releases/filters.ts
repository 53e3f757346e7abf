import { LIFECYCLE_STATES, type LifecycleState } from "@/lib/lifecycle";
import { readId, readOneOf, readText } from "@/lib/searchParams";

export const RUNTIMES = ["compose", "k8s"] as const;
export const KINDS = ["deploy", "rollback"] as const;
export const SOURCES = ["ui", "api", "ai", "system"] as const;

export interface ReleaseFilters {
  state?: LifecycleState;
  service?: number;
  target?: number;
  runtime?: (typeof RUNTIMES)[number];
  source?: (typeof SOURCES)[number];
  kind?: (typeof KINDS)[number];
  q?: string;
}

export const readReleaseFilters = (search: Record<string, unknown>): ReleaseFilters => ({
  state: readOneOf(search.state, LIFECYCLE_STATES),
  service: readId(search.service),
  target: readId(search.target),
  runtime: readOneOf(search.runtime, RUNTIMES),
  source: readOneOf(search.source, SOURCES),
  kind: readOneOf(search.kind, KINDS),
  q: readText(search.q),
});

/** What the form for a new release begins with. */
export interface NewRelease {
  service?: number;
  target?: number;
  revision?: number;
  /** Fields that others manage are taken over. */
  force?: boolean;
}

export const readNewRelease = (search: Record<string, unknown>): NewRelease => ({
  service: readId(search.service),
  target: readId(search.target),
  revision: readId(search.revision),
  force: search.force === true ? true : undefined,
});
