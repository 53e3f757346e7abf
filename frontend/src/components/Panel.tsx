import { Group, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

import classes from "./Panel.module.css";

interface Props {
  title?: ReactNode;
  aside?: ReactNode;
  /** No padding: for tables, diffs and lists that reach the edges. */
  flush?: boolean;
  children: ReactNode;
}

export function Panel({ title, aside, flush = false, children }: Props) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={title ? id : undefined}>
      {title && (
        <Group justify="space-between" className={classes.head} wrap="nowrap">
          <Title order={2} id={id} size="h3">
            {title}
          </Title>
          {aside}
        </Group>
      )}
      <div className={flush ? undefined : classes.body}>{children}</div>
    </section>
  );
}
