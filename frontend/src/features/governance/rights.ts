import { useMe } from "@/api/me";

/** What the caller may govern: projects with `project_manage`, and, as a platform admin, what holds
 * for all projects. The server has the last word. */
export function useRights() {
  const { user, projects } = useMe();
  const admin = user.is_superuser;
  const managed = projects.filter(({ permissions }) => permissions.includes("project_manage"));
  return {
    admin,
    managed,
    any: admin || managed.length > 0,
    may: (projectId: number | null | undefined) =>
      projectId === null || projectId === undefined
        ? admin
        : managed.some(({ id }) => id === projectId),
  };
}
