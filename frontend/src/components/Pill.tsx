import type { ReactNode } from "react";

import classes from "./Pill.module.css";

interface Props {
  color: string;
  animated?: boolean;
  /** Only the dot and the text: for what stands beside a more important pill. */
  quiet?: boolean;
  children: ReactNode;
}

/** A small label with a coloured dot; the text keeps the full contrast of the page. */
export function Pill({ color, animated = false, quiet = false, children }: Props) {
  return (
    <span
      className={classes.pill}
      data-animated={animated || undefined}
      data-quiet={quiet || undefined}
      style={{ "--pill": `var(--mantine-color-${color}-6)` }}
    >
      <span className={classes.dot} aria-hidden="true" />
      {children}
    </span>
  );
}
