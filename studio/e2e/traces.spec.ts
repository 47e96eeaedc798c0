import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";
import { type Seeded, seedTraces } from "./traces.data";

const user = withUser();
const NAME = `walk-${Date.now().toString(36)}`;
let seeded: Seeded;

beforeAll(async () => {
  await user().signIn();
  seeded = await seedTraces(user(), NAME, 20);
});
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/traces?environment=${seeded.environment}`);
  if (data.length > 0) await user().api("DELETE", "/api/public/traces", { traceIds: data.map((one) => one.id) });
});

test("traces are found by facets, words and links", async () => {
  const { page } = user();
  await user().open(`/traces?environment=${seeded.environment}`);
  await page.getByRole("link", { name: `${NAME} rich` }).waitFor();
  await page.getByText("helpfulness").waitFor();
  await user().shot("traces");
  await page.getByRole("complementary", { name: "Filters" }).getByLabel("With errors").check();
  await page.getByRole("link", { name: `${NAME} turn` }).first().waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("status")).toBe("error");
  await page.getByRole("button", { name: "Remove With errors" }).click();
  await page.getByRole("button", { name: "Conditions" }).click();
  await page.getByRole("button", { name: "Add condition" }).click();
  await page.getByLabel("What").selectOption({ label: "Metadata" });
  await page.getByRole("textbox", { name: "Key" }).fill("plan");
  await page.getByLabel("Value", { exact: true }).fill("pro");
  await user().shot("traces-conditions");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("1 row").waitFor();
  await page.getByRole("button", { name: "Clear all" }).click();
  await page.getByRole("searchbox", { name: /Search names/ }).fill(`${NAME} rich`);
  await page.getByText("1 row").waitFor();
});

test("a view keeps what is filtered by", async () => {
  const { page } = user();
  await user().open(`/traces?environment=${seeded.environment}&sort=-latency`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view" }).click();
  // The field has the focus, and the button of the menu gets it back.
  const focused = () => page.evaluate(() => document.activeElement?.closest("button, input")?.textContent || document.activeElement?.tagName);
  await expect.poll(focused).toBe("INPUT");
  await page.keyboard.press("Escape");
  await expect.poll(focused).toBe("Views");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(`View ${NAME}`);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText(`View ${NAME} is saved`).waitFor();
  await user().open("/traces");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: `View ${NAME}` }).click();
  await page.waitForURL((url) => url.searchParams.get("environment") === seeded.environment && url.searchParams.get("sort") === "-latency");
  const menu = page.getByRole("button", { name: `View ${NAME}` });
  const stored = async () => (await user().api<{ data: { id: string; name: string; visibility: string; sort: string | null }[] }>("GET", "/api/v1/views?table=traces")).data.find((one) => one.name.includes(NAME));
  // What is shown now is put into the view, and taken back.
  await page.getByRole("columnheader", { name: "Cost" }).getByRole("button").click();
  await page.waitForURL(/sort=-?cost/);
  await menu.click();
  await page.getByRole("menuitem", { name: `Put this into View ${NAME}` }).click();
  await page.getByText(`View ${NAME} is saved`).waitFor();
  await expect.poll(async () => (await stored())?.sort).toMatch(/cost/);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => (await stored())?.sort).toBe("-latency");
  await menu.click();
  await page.getByRole("menuitem", { name: "Manage views" }).click();
  const dialog = page.getByRole("dialog", { name: "Manage views" });
  await dialog.getByRole("button", { name: `Change View ${NAME}` }).click();
  await dialog.getByRole("textbox", { name: "Name" }).fill(`Renamed ${NAME}`);
  await dialog.getByLabel("Shared with the workspace").check();
  await dialog.getByLabel("Take the filters, order and columns").check();
  await user().shot("traces-views");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText(`Renamed ${NAME}`).waitFor();
  expect(await stored()).toMatchObject({ name: `Renamed ${NAME}`, visibility: "shared", sort: expect.stringMatching(/cost/) as string });
  await dialog.getByRole("button", { name: `Delete Renamed ${NAME}` }).click();
  await page.getByText(`Renamed ${NAME} is deleted`).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Undo" }).last().click();
  await expect.poll(async () => (await stored())?.name).toBe(`Renamed ${NAME}`);
  await user().api("DELETE", `/api/v1/views/${(await stored())?.id}`);
});

test("new traces appear while one watches, and a selection is deleted", async () => {
  const { page } = user();
  await user().open(`/traces?environment=${seeded.environment}&live=1`);
  await page.getByRole("button", { name: "Watching" }).waitFor();
  await expect.poll(async () => {
    // Sent again until the watch has begun on the other side.
    await user().api("POST", "/api/v1/ingest", { traces: [{ id: `${NAME}-live`, name: `${NAME} live`, environment: seeded.environment, timestamp: new Date().toISOString(), input: "Fresh" }] });
    return page.getByRole("link", { name: `${NAME} live` }).count();
  }, { timeout: 15_000, interval: 1000 }).toBe(1);
  await page.getByRole("button", { name: "Watching" }).click();
  await page.getByRole("checkbox", { name: `Select ${NAME} live` }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("1 trace deleted").waitFor();
  await page.getByRole("link", { name: `${NAME} live` }).waitFor({ state: "detached" });
});

test("a file holds what is filtered by", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "Traces CSV" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^traces-.*\.csv$/);
  await page.getByText(/is saved/).waitFor();
});
