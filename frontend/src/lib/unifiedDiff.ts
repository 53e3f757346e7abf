export type DiffLineKind = "file" | "hunk" | "add" | "delete" | "context";

export interface DiffLine {
  kind: DiffLineKind;
  text: string;
  oldNumber: number | null;
  newNumber: number | null;
}

export interface ParsedDiff {
  lines: DiffLine[];
  added: number;
  deleted: number;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Lines of a unified diff with their kind and line numbers on both sides. */
export function parseUnifiedDiff(unified: string): ParsedDiff {
  const result: ParsedDiff = { lines: [], added: 0, deleted: 0 };
  let oldNumber = 1;
  let newNumber = 1;
  let insideHunk = false;
  for (const text of unified.replace(/\n$/, "").split("\n")) {
    const hunk = HUNK.exec(text);
    if (hunk) {
      insideHunk = true;
      oldNumber = Number(hunk[1]);
      newNumber = Number(hunk[2]);
      result.lines.push({ kind: "hunk", text, oldNumber: null, newNumber: null });
    } else if (!insideHunk && (text.startsWith("--- ") || text.startsWith("+++ "))) {
      result.lines.push({ kind: "file", text, oldNumber: null, newNumber: null });
    } else if (text.startsWith("+")) {
      result.added += 1;
      result.lines.push({
        kind: "add",
        text: text.slice(1),
        oldNumber: null,
        newNumber: newNumber++,
      });
    } else if (text.startsWith("-")) {
      result.deleted += 1;
      result.lines.push({
        kind: "delete",
        text: text.slice(1),
        oldNumber: oldNumber++,
        newNumber: null,
      });
    } else {
      result.lines.push({
        kind: "context",
        text: text.startsWith(" ") ? text.slice(1) : text,
        oldNumber: oldNumber++,
        newNumber: newNumber++,
      });
    }
  }
  return result;
}
