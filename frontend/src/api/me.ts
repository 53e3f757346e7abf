import { useSuspenseQuery } from "@tanstack/react-query";

import { $api } from "./client";

/** Who is signed in, with the rights on each project. The route guard loads it before any page. */
export const meQuery = $api.queryOptions("get", "/api/v1/auth/me", undefined, {
  staleTime: 5 * 60_000,
  retry: false,
});

export const useMe = () => useSuspenseQuery(meQuery).data;

/** Whether the caller holds a permission on the project; the server has the last word. */
export function useCan(projectId: number | null | undefined, permission: string): boolean {
  const project = useMe().projects.find(({ id }) => id === projectId);
  return project?.permissions.includes(permission) ?? false;
}
