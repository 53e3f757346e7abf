import { expect, it } from "vitest";

import type { Policy } from "@/api/types";

import { excludedText, formatMinutes, policyFields, policyRequest } from "./policyForm";

it("begins with what the platform would take", () => {
  expect(policyRequest(policyFields(null, 7))).toEqual({
    project_id: 7,
    tier: "production",
    action: "apply",
    required_approvals: 1,
    expires_minutes: 30,
    priority: "P2",
    prevent_self_approval: true,
    exclude_authors: false,
    auto_apply: true,
    forbids: [],
    enabled: true,
  });
});

it("gives a policy back as it was", () => {
  const policy: Omit<Policy, "id"> = {
    project_id: null,
    tier: "staging",
    action: "rollback",
    required_approvals: 0,
    expires_minutes: 240,
    priority: "P0",
    prevent_self_approval: false,
    exclude_authors: true,
    auto_apply: false,
    forbids: ["privileged"],
    enabled: false,
  };
  expect(policyRequest(policyFields({ id: 3, ...policy }, 7))).toEqual(policy);
});

it("names who can't approve", () => {
  const policy = { prevent_self_approval: true, exclude_authors: true } as Policy;
  expect(excludedText(policy)).toBe("who asked, authors");
  expect(excludedText({ ...policy, exclude_authors: false })).toBe("who asked");
  expect(excludedText({ id: 1, tier: "staging", action: "vip" })).toBe("—");
});

it("tells minutes as people do", () => {
  expect([0, 30, 90, 1_440, 1_505].map(formatMinutes)).toEqual([
    "0 min",
    "30 min",
    "1 h 30 min",
    "1 d",
    "1 d 1 h 5 min",
  ]);
});
