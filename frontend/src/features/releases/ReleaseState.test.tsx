import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import type { Release } from "@/api/types";
import { formatLocal } from "@/lib/localTime";

import { ReleaseState } from "./ReleaseState";

const HOUR = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR + 30_000).toISOString();

/** What the page says of an approved release. */
function told(fields: Partial<Release>): string {
  const release = { lifecycle_state: "approved", progress: {}, ...fields } as Release;
  render(
    <MantineProvider>
      <ReleaseState release={release} />
    </MantineProvider>,
  );
  return screen.getByRole("status").textContent;
}

it("says at which moment it starts", () => {
  const moment = inHours(3);
  const text = told({ start_after: moment });
  expect(text).toContain(`Starts at ${formatLocal(moment)} (in 3 hours)`);
});

it("starts at once when its moment is past", () => {
  expect(told({ start_after: inHours(-1) })).toContain("as soon as a worker takes it");
});

it("says what it waits for after that", () => {
  const progress = { phase: "frozen", percent: 0, message: "Frozen: quarter's end" };
  const text = told({ start_after: inHours(-1), progress });
  expect(text).toContain("Frozen: quarter's end");
  expect(text).not.toContain("worker");
});

it("waits for one more apply where it has no moment", () => {
  expect(told({ start_after: null })).toContain("applied once more");
});
