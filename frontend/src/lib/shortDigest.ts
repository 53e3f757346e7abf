/** "sha256:0123456789ab…" of a long hash, with or without its algorithm or an image's name. */
export function shortDigest(value: string): string {
  const digest = value.slice(value.lastIndexOf("@") + 1);
  const [, algorithm = "", hash = ""] = /^(\w+:)?(.*)$/s.exec(digest) ?? [];
  return `${algorithm}${hash.length > 16 ? `${hash.slice(0, 12)}…` : hash}`;
}
