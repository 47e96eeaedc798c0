import type { Browser } from "playwright-core";
import { at, tab } from "./browser";
import type { Data } from "./data";
import { opened, probe } from "./probe";
import { figure, median, section, target } from "./report";

/** A graph of 196 nodes in the builder: opened by its address, and from the list. */
export async function builder(browser: Browser, data: Data, rounds: number): Promise<void> {
  const graphs: [string, string, string][] = [["with places", data.placed, "Bench graph with places"], ["without places", data.unplaced, "Bench graph without places"]];
  const rows: string[][] = [];
  for (const [name, id, title] of graphs) {
    const [cold, click, long] = [[] as number[], [] as number[], [] as number[]];
    for (let round = 0; round < rounds; round += 1) {
      const { page, close } = await tab(browser);
      await page.addInitScript(probe);
      await page.goto(at(`/scenarios/${id}`));
      cold.push(await page.evaluate(placed, false));
      long.push(await page.evaluate(() => Math.max(0, ...window.bench.long.map((task) => task.ms))));
      await page.goto(at(`/scenarios?q=${encodeURIComponent("Bench graph")}`));
      await opened(page);
      const link = page.getByRole("link", { name: title, exact: true });
      const box = await link.boundingBox();
      if (!box) throw new Error(`no ${title}`);
      const shown = page.evaluate(placed, true);
      await page.mouse.click(box.x + 20, box.y + box.height / 2);
      click.push(await shown);
      await close();
    }
    rows.push([name, figure(median(cold)), figure(median(click)), figure(median(long))]);
    target(`scenario builder: 196 nodes ${name}, by its address`, median(cold), 1000, " ms");
    target(`scenario builder: 196 nodes ${name}, from the list`, median(click), 1000, " ms");
  }
  section("Opening a graph of 196 nodes in the builder (ms until its nodes are drawn at their places)", ["graph", "by its address, empty cache", "from the list", "longest task"], rows, [`Medians of ${rounds} rounds, no slowing down.`]);
}

/** In the page: when nodes are drawn, and two that are beside one another are drawn so. */
async function placed(clicked: boolean): Promise<number> {
  const x = (id: string) => {
    const node = document.querySelector<HTMLElement>(`.react-flow__node[data-id=${id}]`);
    return node && node.style.visibility !== "hidden" ? node.getBoundingClientRect().x : null;
  };
  const shown = await window.bench.painted(() => {
    if (clicked && window.bench.clicked === 0) return false;
    const [left, right] = [x("l0"), x("r0")];
    return left !== null && right !== null && Math.abs(left - right) > 20;
  });
  return clicked ? shown - window.bench.clicked : shown;
}
