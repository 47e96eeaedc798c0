import type { Page } from "playwright-core";

/** What the page itself has measured, in milliseconds since its navigation began. */
interface Probe {
  /** The last largest contentful paint. */
  lcp: number;
  /** Tasks of more than 50 ms. */
  long: { start: number; ms: number }[];
  /** When something was clicked last. */
  clicked: number;
  /** The heading that stood there before. */
  before: string;
  /** Resolves when a condition holds and what it saw is painted. */
  painted(holds: () => boolean): Promise<number>;
  /** Whether there is another heading than before, and nothing that still loads. */
  settled(): boolean;
}

declare global {
  interface Window { bench: Probe }
}

/** Runs in every page before its own code, so it refers to nothing outside of itself. */
export function probe(): void {
  const found: Probe = {
    lcp: 0, long: [], clicked: 0, before: "",
    painted: (holds) => new Promise((resolve) => {
      const look = () => {
        if (!holds()) return requestAnimationFrame(look);
        // This frame shows it: what is posted now comes after it was drawn.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { port1.close(); resolve(performance.now()); };
        port2.postMessage(null);
        return undefined;
      };
      requestAnimationFrame(look);
    }),
    settled: () => {
      const heading = document.querySelector("h1")?.textContent ?? "";
      return heading !== "" && heading !== found.before && !document.querySelector("[role=status][aria-label=Loading], .animate-pulse.bg-sunken");
    },
  };
  window.bench = found;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) found.lcp = entry.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => { for (const { startTime, duration } of list.getEntries()) found.long.push({ start: startTime, ms: duration }); }).observe({ type: "longtask", buffered: true });
  addEventListener("click", (event) => { found.clicked = event.timeStamp; }, true);
}

/** Waits until a page that was opened shows its heading and its data; milliseconds from the navigation. */
export const opened = (page: Page): Promise<number> => page.evaluate(() => window.bench.painted(window.bench.settled));

/** Clicks a link of the navigation as a mouse does; milliseconds from the click to the next page's heading and data. */
export async function follow(page: Page, path: string): Promise<number> {
  const link = page.locator(`aside nav a[href="${path}"]`);
  await link.scrollIntoViewIfNeeded();
  const box = await link.boundingBox();
  if (!box) throw new Error(`no link to ${path}`);
  await page.evaluate(() => { window.bench.before = document.querySelector("h1")?.textContent ?? ""; window.bench.clicked = 0; });
  const arrived = page.evaluate(async () => {
    const shown = await window.bench.painted(() => window.bench.clicked > 0 && window.bench.settled());
    performance.measure("route change", { start: window.bench.clicked, end: shown });
    return shown - window.bench.clicked;
  });
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const took = await arrived;
  await page.evaluate(() => { window.bench.before = ""; });
  return took;
}

/** What the page's thread did while something ran. */
export interface Busy {
  /** Tasks of more than 50 ms as the page itself sees them, by how long they took. */
  long: number[];
  /** The longest task by the processor's time: what else runs on the machine does not count. */
  work: number;
}

interface TraceEvent { name: string; pid: number; tid: number; tdur?: number; args: { name?: string } }

/** Runs something and tells how busy the page was meanwhile. */
export async function busy(page: Page, run: () => Promise<unknown>): Promise<Busy> {
  const browser = page.context().browser();
  const from = await page.evaluate(() => performance.now());
  await browser?.startTracing(page, { categories: ["toplevel", "__metadata"] });
  await run();
  // They are told of a moment later.
  await page.waitForTimeout(300);
  const trace = await browser?.stopTracing();
  const { traceEvents } = JSON.parse(trace?.toString() ?? '{"traceEvents":[]}') as { traceEvents: TraceEvent[] };
  const threads = new Set(traceEvents.filter((event) => event.name === "thread_name" && event.args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, pid, tid }) => name === "ThreadControllerImpl::RunTask" && threads.has(`${pid} ${tid}`));
  return {
    long: await page.evaluate((since) => window.bench.long.filter((task) => task.start >= since).map((task) => task.ms), from),
    work: tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur / 1000), 0),
  };
}
