import { expect, it } from "vitest";

import { expiryColor } from "./expiry";

const NOW = Date.parse("2026-03-01T12:00:00Z");

it.each([
  ["2026-03-01T11:59:59Z", "red"],
  ["2026-03-30T12:00:00Z", "orange"],
  ["2026-04-30T12:00:00Z", undefined],
])("a credential that ends at %s is %s", (iso, color) => {
  expect(expiryColor(iso, NOW)).toBe(color);
});
