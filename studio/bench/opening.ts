import type { Browser } from "playwright-core";
import { at, SLOW, tab } from "./browser";
import type { Data } from "./data";
import { opened, probe } from "./probe";
import { figure, median, section, target } from "./report";

/** Every page with nothing in the cache, on a slow processor. */
export async function openings(browser: Browser, data: Data, rounds: number): Promise<void> {
  const pages: [string, string, boolean][] = [
    ["sign-in", "/sign-in", false], ["home", "/", true], ["campaign list", "/campaigns", true], ["campaign", `/campaigns/${data.campaign}`, true],
    ["trace list", "/traces", true], ["trace", `/traces/${data.trace}`, true], ["dataset", `/datasets/${data.dataset}`, true],
    ["scenario builder", `/scenarios/${data.placed}`, true],
  ];
  const found = pages.map(() => ({ lcp: [] as number[], shown: [] as number[], script: 0 }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, [, path, signedIn]] of pages.entries()) {
      const { page, slow, close } = await tab(browser, { signedIn });
      await page.addInitScript(probe);
      await slow(SLOW);
      await page.goto(at(path));
      const shown = await opened(page);
      await page.waitForTimeout(1000);
      const one = found[index];
      one?.lcp.push(await page.evaluate(() => window.bench.lcp));
      one?.shown.push(shown);
      if (one) one.script = await page.evaluate(() => (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).filter((entry) => entry.name.endsWith(".js")).reduce((sum, entry) => sum + entry.encodedBodySize, 0));
      await close();
    }
  }
  section(`Opening with an empty cache, processor slowed down ${SLOW} times (ms)`, ["page", "largest contentful paint", "slowest", "heading and data painted", "KB of scripts, compressed"],
    pages.map(([name], index) => {
      const { lcp, shown, script } = found[index] ?? { lcp: [], shown: [], script: 0 };
      return [name, figure(median(lcp)), figure(Math.max(...lcp)), figure(median(shown)), figure(script / 1024)];
    }),
    [`Medians of ${rounds} rounds, each in a profile of its own. Scripts include what is loaded once the page rests.`]);
  for (const [index, [name]] of pages.entries()) target(`largest contentful paint: ${name}`, median(found[index]?.lcp ?? []), 1500, " ms");
}
