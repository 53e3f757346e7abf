import type { ReactNode } from "react";

import classes from "./Fold.module.css";
import { ChevronIcon } from "./icons";

interface Props {
  head: ReactNode;
  /** Whether it begins open; after that the reader decides. */
  open: boolean;
  children: ReactNode;
}

/** A framed part of a page that opens and closes at its head. */
export function Fold({ head, open, children }: Props) {
  return (
    <details className={classes.fold} open={open}>
      <summary className={classes.head}>
        <span className={classes.chevron}>
          <ChevronIcon size={14} />
        </span>
        {head}
      </summary>
      {children}
    </details>
  );
}
