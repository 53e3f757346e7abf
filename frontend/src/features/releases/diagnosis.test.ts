import { describe, expect, it } from "vitest";

import type { Diagnostics, ReleaseStep } from "@/api/types";

import { aftermath, readDiagnostics, statusColor } from "./diagnosis";

const STEPS = [{ hook: "switch", status: "failed" } as ReleaseStep];

const diagnostics = (fields: Partial<Diagnostics> = {}): Diagnostics => ({
  schema: 1,
  collected_at: "2026-03-01T12:00:00Z",
  runtime_type: "compose",
  stage: "switch",
  summary: { code: "unhealthy", message: "web is not healthy", hint: "" },
  resources: [],
  steps: [],
  raw: {},
  ...fields,
});

const failed = (runtime_type: "compose" | "k8s", reason_code = "unhealthy") => ({
  runtime_type,
  reason_code,
});

describe("what is on the target after a failure", () => {
  it.each([
    ["compose, restored", failed("compose"), { restored: true }, "as it was before"],
    ["compose, not restored", failed("compose"), { restored: false }, "not be restored"],
    ["compose, broke off", failed("compose", "needs_attention"), {}, "not known"],
    ["cluster, half applied", failed("k8s"), {}, "stays on the cluster"],
    ["cluster, broke off", failed("k8s", "needs_attention"), {}, "not known"],
    ["cluster, untouched", failed("k8s"), { untouched: true }, "Nothing on the cluster"],
    ["cluster, touched", failed("k8s"), { untouched: false }, "stays on the cluster"],
  ])("%s", (_, release, raw, said) => {
    expect(aftermath(release, diagnostics({ raw }), STEPS)).toContain(said);
  });

  it("is what was there, where nothing began", () => {
    expect(aftermath(failed("compose"), diagnostics(), [])).toContain("Nothing on the target");
  });
});

it("reads diagnostics of this contract, and leaves an older system's alone", () => {
  const found = diagnostics();
  expect(readDiagnostics({ diagnostics_json: { ...found } })?.summary).toEqual(found.summary);
  expect(readDiagnostics({ diagnostics_json: { error: "boom" } })).toBeNull();
  expect(readDiagnostics({ diagnostics_json: null })).toBeNull();
});

it("shows an unknown status as bad", () => {
  expect(["healthy", "unready", "gone", "exploded"].map(statusColor)).toEqual([
    "green",
    "orange",
    "gray",
    "red",
  ]);
});
