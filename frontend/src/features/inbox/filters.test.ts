import { expect, it } from "vitest";

import { clearedFilters, isFiltered, ofScope, rareInUse, readInboxFilters } from "./filters";

it("takes from an address what it knows, and nothing else", () => {
  const read = readInboxFilters({
    scope: "all",
    status: "expired",
    team: 3,
    requested_by: "me",
    break_glass: "yes",
    risk: "enormous",
    action: "vip",
    q: 12,
  });
  const told = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
  expect(told).toEqual({ scope: "all", status: "expired", team: 3, action: "vip", q: "12" });
});

it("counts the filters that are out of sight", () => {
  expect(rareInUse({ scope: "mine", risk: "high", q: "web" })).toBe(0);
  expect(rareInUse({ team: 2, source: "ai", assigned_to: 4 })).toBe(3);
});

it("clears every filter, and keeps the scope", () => {
  const filters = readInboxFilters({
    scope: "all",
    risk: "low",
    priority: "P1",
    status: "pending",
    action: "apply",
    source: "ai",
    subject_type: "release",
    team: 1,
    environment: 2,
    assigned_to: 3,
    requested_by: 4,
    break_glass: true,
    q: "web",
  });
  expect(isFiltered(filters)).toBe(true);
  const cleared = { ...filters, ...clearedFilters() };
  expect(isFiltered(cleared)).toBe(false);
  expect(cleared.scope).toBe("all");
});

it("drops the state where the scope says it already", () => {
  expect({ status: "expired", ...ofScope("mine") }).toEqual({ scope: "mine", status: undefined });
  expect({ status: "expired", ...ofScope("all") }).toEqual({ scope: "all", status: "expired" });
});
