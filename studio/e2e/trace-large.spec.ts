import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";
import { seedLarge } from "./traces.data";

const user = withUser();
const NAME = `large-${Date.now().toString(36)}`;
const LARGE = 10_000;
let trace: string;

beforeAll(async () => {
  await user().signIn();
  trace = await seedLarge(user(), NAME, "large", LARGE);
});
afterAll(() => user().api("DELETE", `/api/v1/traces/${trace}`));

test("ten thousand observations stay smooth", async () => {
  const { page } = user();
  await user().open(`/traces/${trace}?view=timeline`);
  await page.getByText("10,000 observations").waitFor({ timeout: 30_000 });
  // The time of the page's own thread: what else runs on the machine does not count.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => (await devtools.send("Performance.getMetrics")).metrics.find((one) => one.name === "TaskDuration")?.value ?? 0;
  const before = await busy();
  const steps = 60;
  await page.evaluate(async (count) => {
    const tree = document.querySelector("[role=tree]") as HTMLElement;
    for (let n = 0; n < count; n += 1) {
      tree.scrollTop += 900;
      await new Promise(requestAnimationFrame);
    }
  }, steps);
  const each = ((await busy()) - before) * 1000 / steps;
  console.log(`scrolling ${LARGE} observations by 30 rows: ${each.toFixed(1)} ms of work`);
  expect(each).toBeLessThan(50);
  expect(await page.getByRole("treeitem").count()).toBeLessThan(120);
  await user().shot("trace-large");
  await page.getByRole("searchbox", { name: "Search observations" }).fill("step 7777");
  await page.getByText("1 match").waitFor();
  await page.getByRole("treeitem", { name: /step 7777/ }).click();
  await page.getByRole("heading", { level: 2, name: "step 7777" }).waitFor();
});
