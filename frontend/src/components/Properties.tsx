import { Fragment, type ReactNode } from "react";

import classes from "./Properties.module.css";

/** Names and values; a row whose value is null or undefined is left out. */
export function Properties({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className={classes.list}>
      {rows
        .filter(
          ([, value]) => value !== null && value !== undefined && value !== "" && value !== false,
        )
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
