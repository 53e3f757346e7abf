import type { Figures } from "@/api/types";
import { formatSeconds } from "@/lib/time";

export interface Figure {
  label: string;
  /** "—" where there is nothing to tell from; then `note` says why. */
  value: string;
  note: string;
}

const NONE = "—";

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** "2.5 a day", "1.4 a week", and in words what is rarer than that. */
export function frequency(deployments: number, days: number): string {
  if (deployments === 0) return "None";
  const perDay = deployments / days;
  if (perDay >= 1) return `${rounded(perDay)} a day`;
  if (perDay * 7 >= 1) return `${rounded(perDay * 7)} a week`;
  return `${deployments} in ${days} days`;
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

/** 0.125 as "13 %"; what is not quite all or nothing is not shown as that. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share < 1 && share > 0.99) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}

export const seconds = (value: number | null): string =>
  value === null ? NONE : formatSeconds(value);

export const share = (value: number | null): string => (value === null ? NONE : percent(value));

/** The four key figures in plain words. */
export function keyFigures(totals: Figures, days: number): Figure[] {
  const { deployments, rollbacks, changes, failures } = totals;
  return [
    {
      label: "Deployments",
      value: frequency(deployments, days),
      note: `${counted(deployments, "deployment")}, ${counted(rollbacks, "rollback")} in ${days} days`,
    },
    {
      label: "Lead time",
      value: seconds(totals.lead_time_median_seconds),
      note:
        totals.lead_time_p90_seconds === null
          ? "No revision went live for the first time in these days."
          : `From a new revision to its first release, half of the time; 9 of 10 within ${seconds(totals.lead_time_p90_seconds)}`,
    },
    {
      label: "Change failure rate",
      value: share(totals.change_failure_rate),
      note:
        totals.change_failure_rate === null
          ? "No release ran to its end in these days."
          : `${failures} of ${counted(changes, "release")} failed or had to be rolled back`,
    },
    {
      label: "Time to restore",
      value: seconds(totals.time_to_restore_median_seconds),
      note:
        totals.time_to_restore_median_seconds === null
          ? "Nothing failed and was brought back in these days."
          : "From a failure to the next release that worked, half of the time",
    },
  ];
}
