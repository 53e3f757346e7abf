import { expect, it } from "vitest";

import { describeZone, fromLocalInput, toLocalInput } from "./localTime";

it("gives an instant to a field and takes it back, to the minute", () => {
  for (const iso of ["2026-01-31T22:05:00.000Z", "2026-07-01T00:00:00.000Z"]) {
    expect(toLocalInput(iso)).toMatch(/^2026-\d\d-\d\dT\d\d:\d\d$/);
    expect(fromLocalInput(toLocalInput(iso))).toBe(iso);
  }
});

it("takes the field's text as the viewer's own clock", () => {
  const noon = new Date(2026, 4, 3, 12, 30);
  expect(fromLocalInput("2026-05-03T12:30")).toBe(noon.toISOString());
  expect(toLocalInput(noon.toISOString())).toBe("2026-05-03T12:30");
});

it("knows what is no moment", () => {
  for (const text of ["", "2026-05-03", "soon", "2026-13-40T12:30"]) {
    expect(fromLocalInput(text)).toBeNull();
  }
});

it("names a zone with what its clocks show then", () => {
  const winter = Date.parse("2026-01-15T12:00:00Z");
  const summer = Date.parse("2026-07-15T12:00:00Z");
  expect(describeZone(winter, "Europe/Berlin")).toBe("Europe/Berlin, UTC+01:00");
  expect(describeZone(summer, "Europe/Berlin")).toBe("Europe/Berlin, UTC+02:00");
  expect(describeZone(summer, "UTC")).toBe("UTC");
});
