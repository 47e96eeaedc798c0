import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";
import { type Seeded, seedTraces } from "./traces.data";

const user = withUser();
const NAME = `walk-${Date.now().toString(36)}`;
let seeded: Seeded;

beforeAll(async () => {
  await user().signIn();
  seeded = await seedTraces(user(), NAME, 20);
  await user().api("POST", "/api/v1/datasets", { name: `Set ${NAME}` });
});
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/traces?environment=${seeded.environment}`);
  if (data.length > 0) await user().api("DELETE", "/api/public/traces", { traceIds: data.map((one) => one.id) });
  const sets = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/datasets?name=${encodeURIComponent(`Set ${NAME}`)}`);
  for (const { id } of sets.data) await user().api("DELETE", `/api/v1/datasets/${id}`);
});

test("a trace is read step by step, by keys", async () => {
  const { page } = user();
  await user().open(`/traces/${seeded.trace}`);
  await page.getByRole("treeitem", { name: /lookup_order again/ }).waitFor();
  await user().shot("trace");
  await page.keyboard.press("j");
  await page.getByRole("heading", { level: 2, name: "support agent" }).waitFor();
  await page.getByRole("treeitem", { name: /^generation answer/ }).click();
  await page.getByText("calls lookup_order").waitFor();
  expect(await page.title()).not.toContain("pwned");
  await expect.poll(() => page.getByRole("img", { name: "Picture" }).evaluateAll((all) => all.filter((one) => (one as HTMLImageElement).naturalWidth > 0).length)).toBe(2);
  await user().shot("trace-observation");
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await page.getByRole("searchbox", { name: "Search in the JSON" }).first().fill("parcel");
  await page.getByText(/\d match/).first().waitFor();
  await page.getByRole("button", { name: "Formatted" }).click();
  await page.getByRole("button", { name: "Timeline" }).click();
  await user().shot("trace-timeline");
  await page.getByRole("button", { name: "Graph" }).click();
  await page.locator(".react-flow__node").first().waitFor();
  await user().shot("trace-graph");
  await page.getByRole("button", { name: "Tree", exact: true }).click();
  await page.getByLabel("Level").selectOption("error");
  await page.getByText("1 match").waitFor();
});

test("it is scored, commented, made an item, and shared", async () => {
  const { page } = user();
  await user().open(`/traces/${seeded.trace}?tab=scores`);
  await page.getByRole("button", { name: "Give a score" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("tone");
  await page.getByLabel("Value").fill("0.5");
  await page.getByRole("button", { name: "Give", exact: true }).click();
  await page.getByText("tone is given").waitFor();
  await page.getByRole("button", { name: "Remove tone" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Remove tone" }).waitFor();
  await page.getByRole("tab", { name: /Comments/ }).click();
  await page.getByLabel("Write a comment").fill("Look at the **second** lookup.");
  await page.getByRole("button", { name: "Comment", exact: true }).click();
  await page.getByRole("listitem").getByText("Look at the").waitFor();
  await page.getByRole("button", { name: "Add to dataset" }).click();
  await page.getByRole("combobox", { name: /Dataset/ }).click();
  await page.getByPlaceholder("Find a dataset").fill(NAME);
  await page.getByRole("option", { name: new RegExp(`Set ${NAME}`) }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText(`1 item is in Set ${NAME}`).waitFor();
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByLabel("Show what went in and came out").check();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.getByLabel("The link", { exact: true }).inputValue();
  await user().shot("trace-share");
  const stranger = await page.context().browser()?.newContext({ viewport: { width: 1280, height: 800 } });
  const other = await stranger?.newPage();
  await other?.goto(link);
  await other?.getByRole("heading", { level: 1, name: `${NAME} rich` }).waitFor();
  await other?.getByText("It arrives").first().waitFor();
  await stranger?.close();
  await page.goto(link);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await user().shot("shared-trace");
});
