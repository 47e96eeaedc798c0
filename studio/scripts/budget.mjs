// Says what a first visit loads, and fails the build when that is over the budget.
import { readFileSync, statSync } from "node:fs";

const DIST = new URL("../dist/", import.meta.url);
const BUDGET = 250 * 1024;
/** Pages that a first visit may begin with; each is loaded beside the entry. */
const FIRST = /\/(SignInPage|HomePage)\.tsx$/;

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));
const compressed = (file) => statSync(new URL(`${file}.br`, DIST), { throwIfNoEntry: false })?.size ?? statSync(new URL(file, DIST)).size;

/** Files of a chunk and of all that it imports at once. */
function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const next of chunk.imports ?? []) closure(next, seen);
  return seen;
}

const critical = new Set();
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry || FIRST.test(key)) closure(key, critical);
}
let total = 0;
for (const file of [...critical].filter((name) => name.endsWith(".js"))) {
  const size = compressed(file);
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(8)} KB  ${file}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(8)} KB  compressed JavaScript of a first visit; the budget is ${BUDGET / 1024} KB`);
if (total > BUDGET) {
  console.error("Over the budget: load more of it lazily.");
  process.exit(1);
}
