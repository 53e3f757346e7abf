import { expect, it } from "vitest";

import type { InboxSummary } from "@/api/types";

import { countText, scopeCount, withCount } from "./counts";

const SUMMARY = {
  status: { pending: 4, approved: 1_200 },
  risk: { high: 3 },
  priority: {},
  mine: 2,
} as InboxSummary;

it("counts the tickets of each scope", () => {
  expect(scopeCount(SUMMARY, "mine")).toBe(2);
  expect(scopeCount(SUMMARY, "pending")).toBe(4);
  expect(scopeCount(SUMMARY, "all")).toBe(1_204);
  expect(scopeCount({ ...SUMMARY, status: {} }, "pending")).toBe(0);
  expect(scopeCount(undefined, "mine")).toBeUndefined();
});

it("says where counting stopped", () => {
  expect(countText(9_999)).toBe("9,999");
  expect(countText(10_000)).toBe("10,000+");
  expect(countText(undefined)).toBeUndefined();
});

it("puts counts beside choices, also those that nothing has", () => {
  expect(withCount("High", SUMMARY.risk, "high")).toBe("High (3)");
  expect(withCount("Low", SUMMARY.risk, "low")).toBe("Low (0)");
  expect(withCount("Low", undefined, "low")).toBe("Low");
});
