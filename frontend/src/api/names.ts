import { useQuery } from "@tanstack/react-query";

import { answerOf, api } from "./client";
import { cursorOf } from "./cursor";
import type { Environment, Team, User } from "./types";

/** Lists to choose from by name: read whole, and kept for a while. */
const LIMIT = 200;
const MOST_PAGES = 25;
const STALE_MS = 5 * 60_000;

interface Page<T> {
  results: T[];
  next?: string | null;
}

/** All rows of a list, page after page; of an endless one, the first 5,000. */
export async function everyPage<T>(ask: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { results, next } = await ask(cursor);
    rows.push(...results);
    cursor = cursorOf(next);
    if (cursor === undefined) break;
  }
  return rows;
}

export const useUsers = (enabled = true) =>
  useQuery<User[]>({
    queryKey: ["names", "users"],
    queryFn: () =>
      everyPage((cursor) =>
        answerOf(api.GET("/api/v1/users", { params: { query: { cursor, limit: LIMIT } } })),
      ),
    staleTime: STALE_MS,
    enabled,
  });

export const useTeams = (enabled = true) =>
  useQuery<Team[]>({
    queryKey: ["names", "teams"],
    queryFn: () =>
      everyPage((cursor) =>
        answerOf(api.GET("/api/v1/teams", { params: { query: { cursor, limit: LIMIT } } })),
      ),
    staleTime: STALE_MS,
    enabled,
  });

export const useEnvironmentNames = (project: number | undefined, enabled = true) =>
  useQuery<Environment[]>({
    queryKey: ["names", "environments", project],
    queryFn: () =>
      everyPage((cursor) =>
        answerOf(
          api.GET("/api/v1/environments", { params: { query: { project, cursor, limit: LIMIT } } }),
        ),
      ),
    staleTime: STALE_MS,
    enabled,
  });
