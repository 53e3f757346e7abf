import { Text } from "@mantine/core";

import type { Figures } from "@/api/types";

import { keyFigures } from "./figures";
import classes from "./KeyFigures.module.css";

export function KeyFigures({ totals, days }: { totals: Figures; days: number }) {
  return (
    <dl className={classes.figures} aria-label="Key figures">
      {keyFigures(totals, days).map(({ label, value, note }) => (
        <div key={label} className={classes.figure}>
          <Text component="dt" size="sm" c="dimmed">
            {label}
          </Text>
          <dd className={classes.told}>
            <span className={classes.value}>{value}</span>
            <Text span size="xs" c="dimmed">
              {note}
            </Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}
