import { expect, it } from "vitest";

import { takesOver } from "./conflicts";

const check = (id: string, message: string) => ({ id, status: "warn" as const, message });

it.each([
  ["Deployment shop/web: fields that kubectl manages will be taken over: spec.replicas", true],
  ["Deployment shop/web: fields that kubectl manages make applying fail: spec.replicas", false],
])("%s", (message, forced) => {
  expect(takesOver({ checks: [check("server", "…"), check("conflicts", message)] })).toBe(forced);
});

it("goes by the check about conflicts alone", () => {
  expect(takesOver({ checks: [check("prune", "will be taken over")] })).toBe(false);
});
