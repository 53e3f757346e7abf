import { expect, it } from "vitest";

import { RequestFailed } from "./errors";

import { freezeOf } from "./freeze";

const refused = (code: string, freeze: unknown) =>
  new RequestFailed(code, "", freeze === undefined ? {} : { freeze }, "r-1");

it("reads why changes are frozen, and until when", () => {
  const told = { id: 4, reason: "Year-end closing", ends_at: "2026-01-02T06:00:00Z" };
  expect(freezeOf(refused("freeze_active", told))).toEqual({
    reason: "Year-end closing",
    endsAt: "2026-01-02T06:00:00Z",
  });
});

it("knows freezes without an end, and errors that are none", () => {
  const endless = { id: 4, reason: "", ends_at: null };
  expect(freezeOf(refused("freeze_active", endless))).toEqual({ reason: "", endsAt: null });
  expect(freezeOf(refused("freeze_active", undefined))).toEqual({ reason: "", endsAt: null });
  expect(freezeOf(refused("release_locked", endless))).toBeNull();
});
