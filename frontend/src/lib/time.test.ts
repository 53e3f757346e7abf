import { describe, expect, it } from "vitest";

import { formatMilliseconds, formatRelative, formatSeconds, formatUtc } from "./time";

const NOW = Date.parse("2026-03-01T12:00:00Z");

describe("formatRelative", () => {
  it.each([
    ["2026-03-01T11:59:55Z", "just now"],
    ["2026-03-01T11:59:20Z", "40 seconds ago"],
    ["2026-03-01T11:57:01Z", "2 minutes ago"],
    ["2026-03-01T14:00:00Z", "in 2 hours"],
    ["2026-02-26T12:00:00Z", "3 days ago"],
  ])("says %s as %s", (iso, text) => {
    expect(formatRelative(iso, NOW)).toBe(text);
  });
});

describe("exact times and durations", () => {
  it("shows UTC whatever offset came in", () => {
    expect(formatUtc("2026-03-01T14:00:00.250+02:00")).toBe("2026-03-01 12:00:00 UTC");
  });

  it.each([
    [-5, "0s"],
    [59, "59s"],
    [245, "4m 05s"],
    [7_380, "2h 03m"],
    [273_600, "3d 4h"],
  ])("shows %d s as %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it("keeps short durations precise", () => {
    expect(formatMilliseconds(420)).toBe("420ms");
    expect(formatMilliseconds(4_260)).toBe("4.3s");
    expect(formatMilliseconds(65_000)).toBe("1m 05s");
  });
});
