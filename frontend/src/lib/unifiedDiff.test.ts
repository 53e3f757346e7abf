import { expect, it } from "vitest";

import { parseUnifiedDiff } from "./unifiedDiff";

const UNIFIED = `--- live/web
+++ next/web
@@ -3,3 +3,4 @@ services:
 web:
-  image: web:1
+  image: web:2
+  restart: always
   ports:
`;

it("numbers both sides and counts the changes", () => {
  const { lines, added, deleted } = parseUnifiedDiff(UNIFIED);
  expect([added, deleted]).toEqual([2, 1]);
  expect(lines.map(({ kind, oldNumber, newNumber }) => [kind, oldNumber, newNumber])).toEqual([
    ["file", null, null],
    ["file", null, null],
    ["hunk", null, null],
    ["context", 3, 3],
    ["delete", 4, null],
    ["add", null, 4],
    ["add", null, 5],
    ["context", 5, 6],
  ]);
});

it("takes a removed line that starts with dashes for what it is", () => {
  const { lines } = parseUnifiedDiff("@@ -1 +0,0 @@\n--- old title\n");
  expect(lines[1]).toMatchObject({ kind: "delete", text: "-- old title" });
});
