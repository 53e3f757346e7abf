import { expect, it } from "vitest";

import type { BulkTicket, InboxItem } from "@/api/types";

import { bulkSentence, chosenOf, decidable, MOST_AT_ONCE, toggled } from "./selection";

const item = (number: number, changes: Partial<InboxItem> = {}) =>
  ({ ticket: `APR-${number}`, status: "pending", can_review: true, ...changes }) as InboxItem;

it("offers what is pending and the caller's to decide", () => {
  const items = [item(1), item(2, { can_review: false }), item(3, { status: "approved" }), item(4)];
  expect(decidable(items)).toEqual(["APR-1", "APR-4"]);
});

it("forgets what somebody else decided in between, or a filter took away", () => {
  const chosen = new Set(["APR-2", "APR-1", "APR-9"]);
  expect(chosenOf([item(1), item(2)], chosen)).toEqual(["APR-1", "APR-2"]);
  expect(chosenOf([item(1, { status: "approved" }), item(2)], chosen)).toEqual(["APR-2"]);
});

it("sends no more than one request takes", () => {
  const items = Array.from({ length: 130 }, (_, index) => item(index));
  expect(chosenOf(items, new Set(decidable(items))).length).toBe(MOST_AT_ONCE);
});

it("toggles one, and leaves the set it was given", () => {
  const chosen = new Set(["APR-1"]);
  expect([...toggled(chosen, "APR-2")]).toEqual(["APR-1", "APR-2"]);
  expect([...toggled(chosen, "APR-1")]).toEqual([]);
  expect([...chosen]).toEqual(["APR-1"]);
});

it("sums up what became of each", () => {
  const result = (ok: boolean) => ({ ok }) as BulkTicket;
  expect(bulkSentence([result(true), result(true)], "approve")).toBe("2 approved");
  expect(bulkSentence([result(true), result(false)], "reject")).toBe("1 rejected, 1 refused");
});
