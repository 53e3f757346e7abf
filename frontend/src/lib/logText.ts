// Colour and cursor sequences (CSI), titles (OSC) and two-byte escapes of a terminal: what the rule
// is there to find is what is looked for.
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** What a terminal would show in the end: no escapes, and only the last state of a redrawn line. */
export function readableLog(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(ESCAPES, "")
    .replace(/[^\n]*\r(?=[^\n])/g, "");
}

/** Text in blocks of whole lines, so that only the last one changes while a log grows. */
export function splitBlocks(text: string, linesPerBlock = 200): string[] {
  const blocks: string[] = [];
  let start = 0;
  let lines = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) {
    lines += 1;
    if (lines === linesPerBlock) {
      blocks.push(text.slice(start, end + 1));
      start = end + 1;
      lines = 0;
    }
  }
  if (start < text.length) blocks.push(text.slice(start));
  return blocks;
}
