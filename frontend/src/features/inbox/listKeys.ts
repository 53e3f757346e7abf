import type { KeyboardEvent } from "react";

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Moves between the links of a list by arrows; X ticks the box of the row. */
export function onListKey(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const row = event.currentTarget.closest("li");
  if (!row) return;
  const step = STEPS[event.key];
  if (step !== undefined) {
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    next?.querySelector<HTMLElement>("a")?.focus();
    event.preventDefault();
  } else if (event.key === "x") {
    row.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    event.preventDefault();
  }
}
