import type { MetricsDay } from "@/api/types";

/** One day in the chart: heights in its units, deployments above the base line, failures below. */
export interface Bar {
  date: string;
  up: number;
  down: number;
  title: string;
}

export interface Chart {
  bars: Bar[];
  /** Where the base line is, from the top. */
  base: number;
  most: number;
}

/** Both counts on one scale, so that a failure is as high as a deployment. */
export function toChart(series: readonly MetricsDay[], height: number): Chart {
  const most = Math.max(0, ...series.map(({ deployments }) => deployments));
  const worst = Math.max(0, ...series.map(({ failures }) => failures));
  const unit = height / Math.max(1, most + worst);
  return {
    base: most + worst === 0 ? height : most * unit,
    most,
    bars: series.map(({ date, deployments, failures }) => ({
      date,
      up: deployments * unit,
      down: failures * unit,
      title: `${date}: ${deployments} deployed, ${failures} failed`,
    })),
  };
}
