import type { Browser, CDPSession, Page } from "playwright-core";
import { at, SLOW, tab } from "./browser";
import { follow, opened, probe } from "./probe";
import { figure, median, section, target } from "./report";

/** Where each change begins: a page without a list or questions of its own, so that little of what others use is there. */
const FROM = "/profile";

interface Entry { name: string; path: string; first: number[]; again: number[]; firstSlow: number[]; againSlow: number[] }

/** From the click on an entry of the navigation to the page it leads to: the first time in a visit, and once more. */
export async function routes(browser: Browser, rounds: number, only: string | undefined): Promise<void> {
  const { page, devtools, slow, close } = await tab(browser, { height: 1400 });
  // Who saves data has no code loaded ahead: then the first time is really the first.
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "connection", { value: { saveData: true } }));
  await page.addInitScript(probe);
  await page.goto(at(FROM));
  await opened(page);
  const entries = (await page.locator("aside nav a").evaluateAll((links) => links.map((link) => ({ name: link.textContent ?? "", path: link.getAttribute("href") ?? "" }))))
    .filter(({ name }) => !only || name.startsWith(only))
    .map((one): Entry => ({ ...one, first: [], again: [], firstSlow: [], againSlow: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const entry of entries) {
      for (const rate of [1, SLOW]) {
        const [first, again] = await visit(page, devtools, slow, entry.path, rate);
        (rate === 1 ? entry.first : entry.firstSlow).push(first);
        (rate === 1 ? entry.again : entry.againSlow).push(again);
      }
    }
  }
  await close();
  section("Changing the page (ms from the click to the heading and the data painted)", ["entry", "first time", "again", `first time, ${SLOW}x slower`, `again, ${SLOW}x slower`],
    entries.map((one) => [one.name, ...[one.first, one.again, one.firstSlow, one.againSlow].map((all) => figure(median(all)))]),
    [`Medians of ${rounds} rounds. The first time the page's code comes from the platform; nothing was loaded ahead, and the mouse did not rest on the entry before.`]);
  const slowest = (pick: (one: Entry) => number[]) => Math.max(...entries.map((one) => median(pick(one))));
  target("route change: slowest entry, first time", slowest((one) => one.first), 200, " ms");
  target("route change: slowest entry, again", slowest((one) => one.again), 200, " ms");
}

async function visit(page: Page, devtools: CDPSession, slow: (rate: number) => Promise<void>, path: string, rate: number): Promise<[number, number]> {
  await devtools.send("Network.clearBrowserCache");
  await slow(1);
  await page.goto(at(FROM));
  await opened(page);
  // What the first page does once it is shown is its own.
  await page.waitForTimeout(400);
  await slow(rate);
  const first = await follow(page, path);
  await page.waitForTimeout(100);
  await back(page);
  await page.waitForTimeout(100);
  return [first, await follow(page, path)];
}

/** Goes back to where it began. */
async function back(page: Page): Promise<void> {
  await page.evaluate(() => { window.bench.before = document.querySelector("h1")?.textContent ?? ""; });
  await page.evaluate(() => history.back());
  await opened(page);
  await page.evaluate(() => { window.bench.before = ""; });
}
