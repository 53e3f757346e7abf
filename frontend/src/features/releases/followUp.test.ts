import { expect, it } from "vitest";

import type { TimelineEvent } from "@/api/types";

import { followUpOf } from "./followUp";

const event = (
  action: string,
  source: TimelineEvent["source"],
  detail: TimelineEvent["detail"] = {},
) => ({ action, source, detail }) as TimelineEvent;

const FAILED = event("release.failed", "system");

it("finds the rollback that was made by itself", () => {
  const requested = event("release.rollback_requested", "system", { by_release: 13 });
  expect(followUpOf([FAILED, requested])).toEqual({
    automatic: true,
    releaseId: 13,
    obstacle: null,
  });
});

it("finds the one that a person asked for after another had failed", () => {
  const events = [
    FAILED,
    event("release.rollback_requested", "system", { by_release: 13 }),
    event("release.rollback_failed", "system", { by_release: 13, reason_code: "unhealthy" }),
    event("release.rollback_requested", "ui", { by_release: 14 }),
  ];
  expect(followUpOf(events)).toMatchObject({ automatic: false, releaseId: 14 });
  expect(followUpOf(events.slice(0, 3))).toMatchObject({ automatic: true, releaseId: 13 });
});

it("says why none could be made", () => {
  const impossible = event("release.rollback_failed", "system", { message: "Unreachable." });
  expect(followUpOf([FAILED, impossible])).toEqual({
    automatic: true,
    releaseId: null,
    obstacle: "Unreachable.",
  });
});

it("knows when there was none", () => {
  expect(followUpOf([FAILED])).toBeNull();
});
