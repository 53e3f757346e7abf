import { expect, it } from "vitest";

import type { InboxSummary } from "@/api/types";

import { scopeText, statusText, withCount } from "./counts";

const COUNTS: InboxSummary = {
  status: { pending: 12_400, approved: 1_200 },
  risk: { high: 3 },
  priority: {},
  mine: 2,
  break_glass: 0,
  counted_to: 10_000,
};

it("counts the tickets of each scope", () => {
  expect(scopeText(COUNTS, "mine")).toBe("2");
  expect(scopeText(COUNTS, "pending")).toBe("12,400");
  expect(scopeText(COUNTS, "all")).toBe("13,600");
  expect(scopeText({ ...COUNTS, status: {} }, "pending")).toBe("0");
  expect(scopeText(undefined, "mine")).toBeUndefined();
});

it("says where counting ended", () => {
  const many = { ...COUNTS, mine: 10_000, status: { pending: 5, approved: 10_000 } };
  expect(scopeText(many, "mine")).toBe("10,000+");
  expect(scopeText(many, "all")).toBe("10,005+");
  expect(statusText("Approved", many, "approved")).toBe("Approved (10,000+)");
  expect(statusText("Pending", COUNTS, "pending")).toBe("Pending (12,400)");
});

it("puts counts beside choices, also those that nothing has", () => {
  expect(withCount("High", COUNTS.risk, "high")).toBe("High (3)");
  expect(withCount("Low", COUNTS.risk, "low")).toBe("Low (0)");
  expect(withCount("Low", undefined, "low")).toBe("Low");
  expect(statusText("Expired", COUNTS, "expired")).toBe("Expired (0)");
  expect(statusText("Expired", undefined, "expired")).toBe("Expired");
});
