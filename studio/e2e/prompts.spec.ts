import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `browser-prompt-${Date.now()}`;
let id = "";

type Prompt = { prompt: unknown; labels: Record<string, number>; variables: string[] };
const prompt = () => user().api<Prompt>("GET", `/api/v1/prompts/${id}`);

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/prompts?name=${encodeURIComponent(NAME)}`);
  for (const one of data) await user().api("DELETE", `/api/v1/prompts/${one.id}`);
});

test("a chat prompt is written", async () => {
  const { page } = user();
  await user().open("/prompts/new");
  user().expectComplaint(/status of 422/);
  await page.getByRole("textbox", { name: "Name" }).fill(NAME);
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator("[data-pointer='/prompt'] [role=alert]").waitFor();
  await page.getByRole("combobox", { name: "Kind" }).selectOption("chat");
  await page.getByRole("textbox", { name: "Message 1" }).fill("You help customers of {{shop}}. Be brief.");
  await page.getByRole("button", { name: "Add a place for messages" }).click();
  await page.getByRole("button", { name: "Add a message" }).click();
  await page.getByRole("textbox", { name: "Message 3" }).fill("{{question}} <b>bold</b>");
  await page.getByText("Variables: question, shop").waitFor();
  await user().shot("prompt-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  id = new URL(page.url()).pathname.split("/").pop() ?? "";
  expect((await prompt()).prompt).toEqual([
    { role: "system", content: "You help customers of {{shop}}. Be brief." }, { type: "placeholder", name: "history" }, { role: "user", content: "{{question}} <b>bold</b>" },
  ]);
});

test("it is filled in", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Fill in" }).click();
  await page.getByText("2 without a value").waitFor();
  await page.getByRole("textbox", { name: "shop" }).fill("Acme");
  await page.getByText("1 without a value").waitFor();
  await page.getByText("You help customers of Acme. Be brief.").waitFor();
  expect(await page.locator("b").count()).toBe(0);
  await page.getByText(`/api/public/v2/prompts/${NAME}?label=latest`).waitFor();
  await user().shot("prompt-fill");
});

test("a change is a version with its reason", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Prompt" }).click();
  await page.getByRole("textbox", { name: "Message 1" }).fill("You help customers of {{shop}}. Be brief and kind.");
  await page.getByRole("textbox", { name: "What changed" }).fill("Kinder");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 2").waitFor();
  expect(await page.getByRole("textbox", { name: "What changed" }).inputValue()).toBe("");
  await user().shot("prompt");
});

test("a label is moved between versions and removed, with a way back", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByText("Kinder").waitFor();
  await page.getByRole("button", { name: "Add a label" }).click();
  await page.getByRole("textbox", { name: "Label" }).fill("Not Allowed");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Move it here" }).click();
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await page.getByRole("button", { name: "production" }).click();
  await user().shot("prompt-label");
  await page.getByRole("button", { name: "Move it here" }).click();
  await page.getByText("production names version 2").waitFor();
  expect((await prompt()).labels).toMatchObject({ production: 2 });
  await user().shot("prompt-versions");
  await page.getByRole("button", { name: /^Version 1/ }).click();
  await page.getByText("This is the first version.").waitFor();
  await page.getByRole("button", { name: "Add a label" }).click();
  await page.getByRole("button", { name: /^production/ }).click();
  await page.getByRole("button", { name: "Move it here" }).click();
  await page.getByText("production names version 1").waitFor();
  await page.getByRole("button", { name: "Remove the label production" }).click();
  await page.getByText("production was removed").waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("button", { name: "Remove the label production" }).waitFor();
  expect((await prompt()).labels).toMatchObject({ production: 1 });
});

test("the list", async () => {
  const { page } = user();
  await user().open("/prompts");
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("prompts");
});
