import { expect, it } from "vitest";

import type { FreezeWindow, WeeklyWindow } from "@/api/types";

import { describeWindow, freezeFields, freezeRequest, freezeState } from "./freezeForm";

const NIGHTS: WeeklyWindow = {
  days: ["mon", "tue", "wed", "thu", "fri"],
  start: "18:00",
  end: "08:00",
  time_zone: "Europe/Berlin",
};

const freeze = (changes: Partial<FreezeWindow>) =>
  ({
    id: 1,
    project_id: null,
    tier: "production",
    reason: "Year-end closing",
    starts_at: null,
    ends_at: null,
    weekly: [],
    enabled: true,
    created_at: "2026-01-01T00:00:00Z",
    ...changes,
  }) as FreezeWindow;

it("sends what was chosen, and nothing of the other kind", () => {
  const once = freeze({ starts_at: "2026-12-20T08:00:00Z", ends_at: "2027-01-02T06:00:00Z" });
  const fields = freezeFields(once, undefined);
  expect(freezeRequest(fields)).toEqual({
    project_id: null,
    tier: "production",
    reason: "Year-end closing",
    starts_at: "2026-12-20T08:00:00.000Z",
    ends_at: "2027-01-02T06:00:00.000Z",
    weekly: [],
    enabled: true,
  });
  const weekly = freezeRequest({ ...fields, kind: "weekly", weekly: [NIGHTS] });
  expect(weekly).toMatchObject({ starts_at: null, ends_at: null, weekly: [NIGHTS] });
});

it("opens weekly hours as they are", () => {
  expect(freezeFields(freeze({ weekly: [NIGHTS] }), 3)).toMatchObject({
    kind: "weekly",
    projectId: null,
    weekly: [NIGHTS],
  });
});

it.each([
  [NIGHTS, "Mon–Fri 18:00 to 08:00 of the next day, Europe/Berlin"],
  [{ ...NIGHTS, days: ["sun", "sat"], end: "23:00" }, "Sat, Sun 18:00 to 23:00, Europe/Berlin"],
  [
    { ...NIGHTS, days: ["mon", "wed", "fri"], end: "20:00" },
    "Mon, Wed, Fri 18:00 to 20:00, Europe/Berlin",
  ],
] as [WeeklyWindow, string][])("says when it holds", (window, text) => {
  expect(describeWindow(window)).toBe(text);
});

it("knows whether it holds now", () => {
  const once = { starts_at: "2026-05-01T10:00:00Z", ends_at: "2026-05-01T12:00:00Z" };
  const at = (time: string) => freezeState(freeze(once), Date.parse(`2026-05-01T${time}Z`));
  expect([at("09:59:59"), at("10:00:00"), at("12:00:00")]).toEqual(["ahead", "now", "over"]);
  expect(freezeState(freeze({ weekly: [NIGHTS] }), 0)).toBe("weekly");
  expect(freezeState(freeze({ ...once, enabled: false }), 0)).toBe("off");
});
