import { fileURLToPath, URL } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.SLIPWAY_DEV_BACKEND ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  // Django serves dist/ as static files and index.html for every path that is not the API's.
  base: command === "build" ? "/static/" : "/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // Browsers that know light-dark(); lowering it would need color-scheme rules of its own.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": backend } },
  test: {
    environment: "jsdom",
    globals: false,
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./src/lib/testSetup.ts"],
    css: false,
  },
}));
