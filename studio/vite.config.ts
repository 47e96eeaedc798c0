import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The policy that the component serves, so that a preview breaks what the product would break. */
const policy = readFileSync(here("../components/studio/src/policy.txt"), "utf8").trim().split("\n").join("; ");

const platform = process.env.ASSAY_URL ?? "http://127.0.0.1:3210";
const proxy = Object.fromEntries(
  ["/api", "/hooks", "/v1", "/healthz", "/sample-agent"].map((path) => [path, { target: platform, changeOrigin: false }]),
);

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": here("./src") } },
  server: { proxy },
  preview: { proxy, headers: { "content-security-policy": policy } },
  build: {
    target: "es2022",
    // Everything hashed lies in one folder, which the component lets browsers keep for ever.
    assetsDir: "assets",
    // Inlined files would be `data:` addresses, which the policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    manifest: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1600,
  },
});
