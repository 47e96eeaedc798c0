import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { target } from "./report";

/** What the build says of itself: the scripts that a first visit loads, compressed. */
export function budget(): void {
  const said = execFileSync(process.execPath, [fileURLToPath(new URL("../scripts/budget.mjs", import.meta.url))], { encoding: "utf8" });
  const total = /([\d.]+) KB {2}compressed JavaScript/.exec(said)?.[1];
  target("compressed JavaScript of a first visit", total ? Number(total) : null, 250, " KB");
}
