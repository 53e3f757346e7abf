import type { EnvironmentNode } from "@/api/types";

/** One word for how a node is. */
export function nodeStatus({
  enrolled,
  reason_code: reason,
  checked_at: checked,
}: EnvironmentNode) {
  if (!enrolled) return "not_enrolled";
  if (reason) return "failed";
  return checked ? "ready" : "enrolled";
}

/** What a node is, in one line: "debian 12 · x86_64 · 4 CPUs · 8 GB". */
export function factsLine(facts: Record<string, unknown>): string {
  const { os, release, arch, cpus, memory_mb: memory } = facts;
  const parts = [
    [os, release].filter((part) => typeof part === "string" && part !== "").join(" "),
    typeof arch === "string" ? arch : "",
    typeof cpus === "number" ? `${cpus} ${cpus === 1 ? "CPU" : "CPUs"}` : "",
    typeof memory === "number" ? `${(memory / 1024).toFixed(1)} GB` : "",
  ];
  return parts.filter(Boolean).join(" · ") || "—";
}
