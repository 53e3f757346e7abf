import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import type { InstallTask } from "@/api/types";

import { TaskProgress } from "./TaskProgress";

const STEP = { hook: "engine", node: { name: "web-1" }, message: "", percent: null };
const TASK = {
  status: "running",
  progress: { done: 3, total: 8, percent: 45, remaining_ms: 61_500 },
  start_after: null,
  steps: [
    { ...STEP, id: 1, status: "succeeded", message: "unpacked" },
    { ...STEP, id: 2, status: "running", message: "starting the engine", percent: 80 },
  ],
} as unknown as InstallTask;

const shown = (task: InstallTask) =>
  render(
    <MantineProvider>
      <TaskProgress task={task} />
    </MantineProvider>,
  ).container.textContent;

it("says how far it is, how long it will take, and what runs", () => {
  const text = shown(TASK);
  expect(text).toContain("3 of 8 steps, about 1m 02s left");
  expect(text).toContain("engine on web-1: starting the engine (80 %)");
  expect(text).not.toContain("unpacked");
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("45");
});

it("guesses nothing", () => {
  const progress = { ...TASK.progress, remaining_ms: null };
  expect(shown({ ...TASK, progress })).not.toContain("left");
});

it("says when it starts", () => {
  const moment = new Date(Date.now() + 3 * 3_600_000 + 60_000).toISOString();
  const text = shown({ ...TASK, status: "queued", start_after: moment, steps: [] });
  expect(text).toContain("Starts at ");
  expect(text).toContain("(in 3 hours)");
});
