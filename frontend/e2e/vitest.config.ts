import { defineConfig } from "vitest/config";

/** Against a running Slipway, which tests/e2e/test_browser.py makes ready and names in SLIPWAY_E2E. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    sequence: { concurrent: false },
    bail: 1,
  },
});
