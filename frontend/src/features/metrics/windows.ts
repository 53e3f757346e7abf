export const WINDOWS = [7, 30, 90] as const;

export type WindowDays = (typeof WINDOWS)[number];

export const readWindow = (value: unknown): WindowDays | undefined =>
  WINDOWS.find((days) => days === value);
