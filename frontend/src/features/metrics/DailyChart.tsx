import { Group, Text } from "@mantine/core";
import { useMemo } from "react";

import type { MetricsDay } from "@/api/types";
import { Pill } from "@/components/Pill";

import { toChart } from "./bars";
import classes from "./DailyChart.module.css";

const HEIGHT = 120;
const WIDTH = 10; // of a day
const GAP = 2;

/** What was deployed and what failed, day by day. */
export function DailyChart({ series }: { series: MetricsDay[] }) {
  const { bars, base, most } = useMemo(() => toChart(series, HEIGHT), [series]);
  return (
    <div>
      <Group gap="md" mb={8}>
        <Pill color="harbor" quiet>
          Deployed
        </Pill>
        <Pill color="red" quiet>
          Failed or rolled back
        </Pill>
        <Text size="xs" c="dimmed" ml="auto">
          at most {most} a day
        </Text>
      </Group>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${Math.max(1, bars.length) * WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Deployments and failures of each of ${bars.length} days`}
      >
        {bars.map(({ date, up, down, title }, index) => (
          <g key={date} className={classes.day}>
            <title>{title}</title>
            <rect className={classes.room} x={index * WIDTH} y={0} width={WIDTH} height={HEIGHT} />
            <rect
              className={classes.deployed}
              x={index * WIDTH + GAP / 2}
              y={base - up}
              width={WIDTH - GAP}
              height={up}
            />
            <rect
              className={classes.failed}
              x={index * WIDTH + GAP / 2}
              y={base}
              width={WIDTH - GAP}
              height={down}
            />
          </g>
        ))}
        <line
          className={classes.base}
          x1={0}
          x2={Math.max(1, bars.length) * WIDTH}
          y1={base}
          y2={base}
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed">
          {bars[0]?.date}
        </Text>
        <Text size="xs" c="dimmed">
          {bars.at(-1)?.date} (UTC)
        </Text>
      </Group>
    </div>
  );
}
