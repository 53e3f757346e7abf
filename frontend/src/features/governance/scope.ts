import type { Me } from "@/api/types";

type Projects = Me["projects"];

/** Of which projects a policy or a freeze is, in words. */
export const scopeName = (projectId: number | null | undefined, projects: Projects): string =>
  projectId === null || projectId === undefined
    ? "All projects"
    : (projects.find(({ id }) => id === projectId)?.name ?? `Project ${projectId}`);

/** Rows that hold in the project chosen in the header: its own, and those of all projects. */
export const inProject = <T extends { project_id?: number | null }>(
  rows: T[],
  project: number | undefined,
): T[] =>
  project === undefined
    ? rows
    : rows.filter(({ project_id: id }) => id === null || id === undefined || id === project);
