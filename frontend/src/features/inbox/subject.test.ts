import { expect, it } from "vitest";

import { readDiff, readTexts } from "./subject";

it("finds a release's diff, and none in what has none", () => {
  const diff = { summary: { create: 0, update: 0, delete: 0, unchanged: 3 }, resources: [] };
  expect(readDiff(diff)).toBe(diff);
  for (const none of [{}, { steps: [], artifacts: [] }, { summary: {}, resources: [] }]) {
    expect(readDiff(none)).toBeNull();
  }
});

it("reads texts, however they came", () => {
  expect(readTexts(["One.", { message: "Two." }, { code: "x" }, "", 3])).toEqual(["One.", "Two."]);
  expect(readTexts(undefined)).toEqual([]);
});
