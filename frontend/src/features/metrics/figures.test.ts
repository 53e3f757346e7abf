import { describe, expect, it } from "vitest";

import { frequency, keyFigures, percent } from "./figures";

const NOTHING = {
  deployments: 0,
  deployments_per_day: 0,
  rollbacks: 0,
  changes: 0,
  failures: 0,
  change_failure_rate: null,
  lead_time_median_seconds: null,
  lead_time_p90_seconds: null,
  time_to_restore_median_seconds: null,
};

describe("figures in words", () => {
  it.each([
    [0, 30, "None"],
    [75, 30, "2.5 a day"],
    [7, 7, "1 a day"],
    [6, 30, "1.4 a week"],
    [3, 90, "3 in 90 days"],
  ])("%d deployments in %d days are %s", (deployments, days, text) => {
    expect(frequency(deployments, days)).toBe(text);
  });

  it.each([
    [0, "0 %"],
    [0.004, "< 1 %"],
    [0.125, "13 %"],
    [0.996, "> 99 %"],
    [1, "100 %"],
  ])("%d is %s", (share, text) => {
    expect(percent(share)).toBe(text);
  });
});

describe("the four figures", () => {
  it("say why there is nothing to tell from", () => {
    const [deployments, ...others] = keyFigures(NOTHING, 30);
    expect(deployments).toMatchObject({ value: "None" });
    expect(others.map(({ value }) => value)).toEqual(["—", "—", "—"]);
    expect(others.every(({ note }) => /^No(thing)? .*in these days\.$/.test(note))).toBe(true);
  });

  it("tell what they count", () => {
    const [deployments, lead, failures, restore] = keyFigures(
      {
        ...NOTHING,
        deployments: 8,
        rollbacks: 1,
        changes: 10,
        failures: 3,
        change_failure_rate: 0.3,
        lead_time_median_seconds: 3_900,
        lead_time_p90_seconds: 90_000,
        time_to_restore_median_seconds: 245,
      },
      7,
    );
    expect(deployments).toMatchObject({
      value: "1.1 a day",
      note: "8 deployments, 1 rollback in 7 days",
    });
    expect(lead?.value).toBe("1h 05m");
    expect(lead?.note).toContain("9 of 10 within 1d 1h");
    expect(failures).toMatchObject({ value: "30 %" });
    expect(failures?.note).toContain("3 of 10 releases");
    expect(restore?.value).toBe("4m 05s");
  });
});
