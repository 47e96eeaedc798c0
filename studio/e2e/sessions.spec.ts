import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";
import { type Seeded, seedTraces } from "./traces.data";

const user = withUser();
const NAME = `talk-${Date.now().toString(36)}`;
let seeded: Seeded;

beforeAll(async () => {
  await user().signIn();
  seeded = await seedTraces(user(), NAME, 20);
});
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/traces?environment=${seeded.environment}`);
  if (data.length > 0) await user().api("DELETE", "/api/public/traces", { traceIds: data.map((one) => one.id) });
});

test("a conversation is read turn by turn, and scored as a whole", async () => {
  const { page } = user();
  await user().open("/sessions");
  await page.getByRole("searchbox", { name: /Search names/ }).fill(NAME);
  await page.getByText("1 row").waitFor();
  await user().shot("sessions");
  await page.getByRole("link", { name: seeded.session }).click();
  await page.getByRole("list", { name: "Conversation" }).getByText("Answer 3: we are on it.").waitFor();
  await page.getByText("helpfulness").waitFor();
  expect(await page.getByRole("list", { name: "Conversation" }).locator("> li").count()).toBe(4);
  await user().shot("session");
  await page.getByRole("tab", { name: /^Scores/ }).click();
  await page.getByRole("button", { name: "Give a score" }).click();
  await page.getByRole("textbox", { name: /^Name/ }).fill("resolved");
  await page.getByLabel("Type", { exact: true }).selectOption("BOOLEAN");
  await page.getByRole("button", { name: "Give", exact: true }).click();
  await page.getByRole("button", { name: "Remove resolved" }).waitFor();
  await page.getByRole("tab", { name: /^Conversation/ }).click();
  await page.getByRole("link", { name: "Open the trace 1" }).click();
  await page.getByRole("treeitem").first().waitFor();
});

test("an end user is looked up, and all of their data deleted", async () => {
  const { page } = user();
  await user().open(`/users?q=${NAME}`);
  await page.getByRole("link", { name: seeded.person }).click();
  await page.getByRole("heading", { level: 1, name: seeded.person }).waitFor();
  await page.getByRole("img", { name: "Traces a day" }).locator("canvas").waitFor();
  await user().shot("user");
  await page.getByRole("tab", { name: "Sessions" }).click();
  await page.getByRole("link", { name: seeded.session }).waitFor();
  await page.getByRole("button", { name: "Delete all data" }).click();
  const confirm = page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true });
  expect(await confirm.isDisabled()).toBe(true);
  await page.getByLabel("The user's id").fill(seeded.person);
  await confirm.click();
  await page.getByText("4 traces deleted").waitFor();
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
});
