import type { Browser, Page } from "playwright-core";
import { at, tab } from "./browser";
import { type Data, ITEMS, METRICS, SPANS, TRACES, CASES } from "./data";
import { type Busy, busy, opened, probe } from "./probe";
import { figure, median, section, target } from "./report";

interface List {
  name: string;
  path: string;
  /** What is scrolled. */
  scroller: string;
  /** How many rows it says it has when all are there. */
  rows: number;
  /** Whether more is read as the end comes into sight. */
  grows: boolean;
}

const ROW_COUNT = "[aria-rowcount]";
const lists = (data: Data): List[] => [
  { name: `campaign matrix, ${(CASES * 2 * (METRICS + 1)).toLocaleString("en")} cells`, path: `/campaigns/${data.campaign}?tab=matrix`, scroller: "div:has(> [role=grid])", rows: CASES + 1, grows: false },
  { name: `dataset grid, ${ITEMS.toLocaleString("en")} items`, path: `/datasets/${data.dataset}`, scroller: "[role=grid]", rows: ITEMS + 1, grows: true },
  { name: `trace list, ${TRACES.toLocaleString("en")} traces`, path: "/traces?environment=bench", scroller: "main [role=region]:has(> table)", rows: TRACES + 1, grows: true },
  { name: `trace tree, ${SPANS.toLocaleString("en")} spans`, path: `/traces/${data.large}`, scroller: "[role=tree]", rows: SPANS + 1, grows: false },
];

const STEPS = 900;
const JUMPS = 60;

/** Scrolls as people do, and counts what keeps the page from answering them. */
export async function scrolling(browser: Browser, data: Data, rounds: number, only: string | undefined): Promise<void> {
  const rows: string[][] = [];
  for (const list of lists(data).filter((one) => !only || one.name.startsWith(only))) {
    const found: Record<"reading" | "wheel" | "jumps", Busy[]> = { reading: [], wheel: [], jumps: [] };
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { page, close } = await tab(browser);
      await page.addInitScript(probe);
      await page.goto(at(list.path));
      await opened(page);
      await page.locator(list.scroller).first().waitFor();
      const began = Date.now();
      found.reading.push(await busy(page, () => toTheEnd(page, list)));
      took.push((Date.now() - began) / 1000);
      found.wheel.push(await busy(page, () => wheel(page, list.scroller)));
      found.jumps.push(await busy(page, () => jumps(page, list.scroller)));
      await close();
    }
    for (const [way, tasks] of Object.entries(found)) {
      const many = median(tasks.map(({ long }) => long.length));
      const longest = median(tasks.map(({ long }) => Math.max(0, ...long)));
      const work = median(tasks.map((one) => one.work));
      rows.push([list.name, WAYS[way as keyof typeof WAYS], way === "reading" ? figure(median(took)) : "", figure(many), longest === 0 ? "none" : figure(longest), figure(work)]);
      // The browser tells of tasks over 50 ms only.
      target(`long tasks: ${list.name}, ${WAYS[way as keyof typeof WAYS]}: longest`, longest, 50, " ms");
    }
  }
  section("Scrolling long lists", ["list", "what", "s", "tasks over 50 ms", "longest, ms", "longest by processor time, ms"], rows, [
    `Medians of ${rounds} rounds. Reading is from the first rows to the last being there, at the end of the list all the time. Wheel: ${STEPS} turns over the whole length and back over a tenth. Jumps: ${JUMPS} to places all over, as by dragging the scroll bar. Processor time is that of the page's thread, which other programs do not add to.`,
  ]);
}

const WAYS = { reading: "reading all", wheel: "wheel", jumps: "jumps" };

/** Stays at the end until there is nothing more to read. */
const toTheEnd = (page: Page, list: List) => page.evaluate(async ({ scroller, rows, grows, counted }) => {
  const all = () => {
    const told = document.querySelector(counted)?.getAttribute("aria-rowcount");
    const text = document.querySelector("main footer [role=status], main [role=status]")?.textContent ?? "";
    return told ? Number(told) >= rows && !/Read|of/.test(text) : text.startsWith((rows - 1).toLocaleString("en"));
  };
  while (!all()) {
    const box = document.querySelector(scroller);
    if (grows && box) box.scrollTop = box.scrollHeight;
    await new Promise(requestAnimationFrame);
  }
}, { ...list, counted: ROW_COUNT });

async function wheel(page: Page, scroller: string): Promise<void> {
  const box = await page.locator(scroller).first().boundingBox();
  if (!box) throw new Error("nothing to scroll");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const length = await page.evaluate((css) => { const list = document.querySelector(css) as HTMLElement; list.scrollTop = 0; return list.scrollHeight; }, scroller);
  for (let step = 0; step < STEPS; step += 1) await page.mouse.wheel(0, length / STEPS);
  for (let step = 0; step < STEPS / 10; step += 1) await page.mouse.wheel(0, -length / STEPS);
  await page.waitForTimeout(200);
}

const jumps = (page: Page, scroller: string) => page.evaluate(async ({ css, count }) => {
  const list = document.querySelector(css) as HTMLElement;
  for (let n = 0; n < count; n += 1) {
    // Far apart, the same in every run.
    list.scrollTop = ((n * 0.618034) % 1) * list.scrollHeight;
    list.scrollLeft = n % 2 === 0 ? 0 : list.scrollWidth;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}, { css: scroller, count: JUMPS });
