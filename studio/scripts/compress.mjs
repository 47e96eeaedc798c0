// Compresses what browsers get, once at build time and as small as it goes: the component only picks.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url).pathname;
/** Fonts and images are compressed in themselves. */
const TEXT = /\.(html|js|css|svg|json|webmanifest|txt|wasm)$/;

for (const name of readdirSync(DIST, { recursive: true })) {
  const path = join(DIST, String(name));
  if (!TEXT.test(path) || path.includes("/.vite/")) continue;
  const content = readFileSync(path);
  if (content.length < 512) continue;
  writeFileSync(`${path}.br`, brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
