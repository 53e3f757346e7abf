import { expect, it } from "vitest";

import { readableLog, splitBlocks } from "./logText";

it("drops colours and titles", () => {
  expect(readableLog("\u001b[1;32mok\u001b[0m \u001b]0;title\u0007done")).toBe("ok done");
});

it("keeps the last state of a redrawn line", () => {
  expect(readableLog("pull 10%\rpull 60%\rpull 100%\nnext\r\n")).toBe("pull 100%\nnext\n");
});

it("splits at line ends and loses nothing", () => {
  const text = "a\nb\nc\nd\ne";
  const blocks = splitBlocks(text, 2);
  expect(blocks).toEqual(["a\nb\n", "c\nd\n", "e"]);
  expect(blocks.join("")).toBe(text);
});
