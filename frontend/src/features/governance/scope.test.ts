import { expect, it } from "vitest";

import type { Me } from "@/api/types";

import { inProject, scopeName } from "./scope";

const PROJECTS = [{ id: 4, name: "Shop" }] as Me["projects"];

it("names what a rule is of", () => {
  expect(scopeName(null, PROJECTS)).toBe("All projects");
  expect(scopeName(4, PROJECTS)).toBe("Shop");
  expect(scopeName(5, PROJECTS)).toBe("Project 5");
});

it("keeps what holds in a project, also what holds in all", () => {
  const rows = [{ project_id: null }, { project_id: 4 }, { project_id: 5 }];
  expect(inProject(rows, 4)).toEqual([{ project_id: null }, { project_id: 4 }]);
  expect(inProject(rows, undefined)).toBe(rows);
});
