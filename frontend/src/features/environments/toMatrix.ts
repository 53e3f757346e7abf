import type { InstallStep } from "@/api/types";

interface Row {
  key: string;
  phase: string;
  hook: string;
  cells: Map<number, InstallStep>;
}

/** The steps of a task as rows of hooks and columns of nodes, both in order of appearance. */
export function toMatrix(steps: InstallStep[]): { nodes: InstallStep["node"][]; rows: Row[] } {
  const nodes = new Map<number, InstallStep["node"]>();
  const rows = new Map<string, Row>();
  for (const step of steps) {
    const { phase, hook, node } = step;
    const key = `${phase}/${hook}`;
    nodes.set(node.id, node);
    const row = rows.get(key) ?? { key, phase, hook, cells: new Map<number, InstallStep>() };
    row.cells.set(node.id, step);
    rows.set(key, row);
  }
  return { nodes: [...nodes.values()], rows: [...rows.values()] };
}
