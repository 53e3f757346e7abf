import { expect, it } from "vitest";

import { shortDigest } from "./shortDigest";

const HASH = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

it.each([
  [`sha256:${HASH}`, "sha256:0123456789ab…"],
  [`registry.example.net/shop/web@sha256:${HASH}`, "sha256:0123456789ab…"],
  ["SHA256:x/kH9LZ+0123456789abcdef", "SHA256:x/kH9LZ+0123…"],
  [HASH, "0123456789ab…"],
  ["abc123", "abc123"],
])("shows %s as %s", (value, short) => {
  expect(shortDigest(value)).toBe(short);
});
