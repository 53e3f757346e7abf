import { expect, it, vi } from "vitest";

import { everyPage } from "./names";

it("follows the cursors to the last page", async () => {
  const ask = vi
    .fn<(cursor?: string) => Promise<{ results: number[]; next: string | null }>>()
    .mockResolvedValueOnce({ results: [1, 2], next: "/api/v1/users?cursor=abc&limit=2" })
    .mockResolvedValueOnce({ results: [3], next: null });
  expect(await everyPage(ask)).toEqual([1, 2, 3]);
  expect(ask.mock.calls).toEqual([[undefined], ["abc"]]);
});

it("ends where a list does not", async () => {
  const ask = vi.fn(() => Promise.resolve({ results: [1], next: "/list?cursor=again" }));
  expect((await everyPage(ask)).length).toBe(25);
});
