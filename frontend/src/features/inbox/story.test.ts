import { expect, it } from "vitest";

import type { InboxAction } from "@/api/types";

import { lastWords, verbLabel, viaSource, whyNot } from "./story";

const action = (verb: string, actor: string, comment = "") =>
  ({ verb, actor, comment }) as InboxAction;

const NOW = Date.parse("2026-03-01T12:00:00Z");
const ITEM = {
  expires_at: "2026-03-01T12:30:00Z",
  requested_by: "engineer",
  approvals_count: 1,
  required_approvals: 2,
  actions: [action("created", "engineer"), action("approved", "approver", "Fine.")],
};

it("says why one may not decide", () => {
  expect(whyNot(ITEM, "engineer", NOW)).toContain("You asked for this change");
  expect(whyNot(ITEM, "approver", NOW)).toContain("It needs 1 more approval, of other people");
  expect(whyNot(ITEM, "somebody", NOW)).toContain("the right to review");
  expect(whyNot(ITEM, "approver", NOW + 3_600_000)).toContain("has expired");
});

it("finds what was said last, in the words of the ticket", () => {
  const actions = [action("cancelled", "a", "First."), action("cancelled", "system", "Void.")];
  expect(lastWords(actions, "cancelled")).toBe("Void.");
  expect(lastWords(actions, "approved")).toBe("");
  expect(verbLabel("broke_glass")).toBe("Approved by break-glass");
  expect(verbLabel("looked_at")).toBe("looked at");
});

it("tells through which door a change was asked for, but for the usual one", () => {
  expect(["ui", "api", "ai"].map(viaSource)).toEqual(["", " via the API", " via AI"]);
});
