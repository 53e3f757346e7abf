import { expect, it } from "vitest";

import { toChart } from "./bars";

const day = (date: string, deployments: number, failures: number) => ({
  date,
  deployments,
  failures,
});

it("puts deployments above and failures below one line, on one scale", () => {
  const chart = toChart([day("2026-03-01", 3, 0), day("2026-03-02", 1, 1)], 80);
  expect(chart).toMatchObject({ base: 60, most: 3 });
  expect(chart.bars.map(({ up, down }) => [up, down])).toEqual([
    [60, 0],
    [20, 20],
  ]);
  expect(chart.bars[1]?.title).toBe("2026-03-02: 1 deployed, 1 failed");
});

it("survives days on which nothing happened", () => {
  expect(toChart([day("2026-03-01", 0, 0)], 80)).toMatchObject({ base: 80, most: 0 });
  expect(toChart([], 80).bars).toEqual([]);
});
