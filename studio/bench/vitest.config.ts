import { defineConfig } from "vitest/config";

// Measured one after the other, by one browser. What it says is the report, so nobody decorates it.
export default defineConfig({
  test: {
    environment: "node",
    root: import.meta.dirname,
    include: ["bench.ts"],
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
});
