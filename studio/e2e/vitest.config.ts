import { defineConfig } from "vitest/config";

// One browser at a time, in the order of the files: all specs share one workspace.
export default defineConfig({
  test: {
    environment: "node",
    root: import.meta.dirname,
    include: ["**/*.spec.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
