import { useMemo } from "react";

import { parseUnifiedDiff } from "@/lib/unifiedDiff";

import classes from "./DiffView.module.css";

const SIGNS = { add: "+", delete: "-", context: " ", hunk: "", file: "" } as const;

/** A unified diff, line numbers at the side, colours and signs for what changes. */
export function DiffView({ unified, label }: { unified: string; label: string }) {
  const { lines } = useMemo(() => parseUnifiedDiff(unified), [unified]);
  return (
    // Scrollable, so it has to be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.frame} role="region" aria-label={label} tabIndex={0}>
      <pre className={classes.diff}>
        {lines.map((line, index) => (
          // Lines have no identity but their place.
          <div key={index} className={classes.line} data-kind={line.kind}>
            <span className={classes.number} aria-hidden="true">
              {line.oldNumber}
            </span>
            <span className={classes.number} aria-hidden="true">
              {line.newNumber}
            </span>
            <span className={classes.sign}>{SIGNS[line.kind]}</span>
            <span className={classes.text}>{line.text || " "}</span>
          </div>
        ))}
      </pre>
    </div>
  );
}
