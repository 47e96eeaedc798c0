import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Browser model ${Date.now()}`;
let id = "";

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string; name: string }[] }>("GET", `/api/v1/models?name=${encodeURIComponent(NAME)}`);
  for (const one of data) await user().api("DELETE", `/api/v1/models/${one.id}`);
});

test("a model is made with a key that is never shown again", async () => {
  const { page } = user();
  await user().open("/models/new");
  await page.getByRole("textbox", { name: /^Name/ }).fill(NAME);
  await page.getByRole("combobox", { name: /^Provider/ }).selectOption("anthropic");
  expect(await page.getByLabel("Base URL").inputValue()).toBe("https://api.anthropic.com/v1");
  await page.getByRole("combobox", { name: /^Provider/ }).selectOption("openai_compatible");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator("[data-pointer='/base_url'] [role=alert]").waitFor();
  await user().shot("model-new");
  // The sample agent speaks the same API as a model.
  await page.getByLabel("Base URL").fill(`${process.env.ASSAY_URL}/sample-agent/v1`);
  await page.getByLabel("Model's id at its provider").fill("sample");
  await page.getByLabel("API key").fill("sk-never-shown");
  await page.getByLabel("Input, $ per million tokens").fill("0.4");
  await page.getByLabel("Output, $ per million tokens").fill("1.6");
  await page.getByLabel("Probabilities of tokens").uncheck();
  await page.getByRole("button", { name: "Test it" }).click();
  await page.getByText("It answers", { exact: true }).waitFor();
  expect((await user().api<{ data: unknown[] }>("GET", `/api/v1/models?name=${encodeURIComponent(NAME)}`)).data).toEqual([]);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  id = new URL(page.url()).pathname.split("/").pop() ?? "";
  const model = await user().api<{ has_credential: boolean; capabilities: { logprobs: boolean } }>("GET", `/api/v1/models/${id}`);
  expect(model).toMatchObject({ has_credential: true, capabilities: { logprobs: false } });
});

test("it is tried by a real call", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/^(It answers|It does not answer)$/).waitFor();
  await user().shot("model-try");
});

test("its settings are changed, and the key stays until it is removed", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Settings" }).click();
  expect(await page.getByLabel("API key").inputValue()).toBe("");
  await page.getByLabel("Calls a minute").fill("120");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 2").waitFor();
  await user().shot("model");
  expect((await user().api<{ has_credential: boolean }>("GET", `/api/v1/models/${id}`)).has_credential).toBe(true);
  await page.getByRole("button", { name: "Remove the stored key" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 3").waitFor();
  expect((await user().api<{ has_credential: boolean }>("GET", `/api/v1/models/${id}`)).has_credential).toBe(false);
});

test("the list, and deleting with a way back", async () => {
  const { page } = user();
  await user().open("/models");
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("models");
  await page.getByRole("checkbox", { name: `Select ${NAME}` }).check();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: NAME }).waitFor();
});
