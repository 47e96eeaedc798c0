import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// One browser at a time, in the order of the files: all specs share one workspace.
export default defineConfig({
  // The list of pages is read from the app itself.
  resolve: { alias: { "@": fileURLToPath(new URL("../src", import.meta.url)) } },
  test: {
    environment: "node",
    root: import.meta.dirname,
    include: ["**/*.spec.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
