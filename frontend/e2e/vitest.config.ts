import { defineConfig } from "vitest/config";

/** Against a running Slipway: SLIPWAY_E2E_URL, SLIPWAY_E2E_USERNAME, SLIPWAY_E2E_PASSWORD. */
export default defineConfig({
  test: { include: ["e2e/**/*.e2e.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
