import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `browser_${Date.now()}`;

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/secrets?name=${encodeURIComponent(NAME)}`);
  for (const one of data) await user().api("DELETE", `/api/v1/secrets/${one.id}`);
});

test("a secret is written, and nobody reads it again", async () => {
  const { page } = user();
  await user().open("/secrets/new");
  await page.getByRole("textbox", { name: "Name" }).fill("not allowed");
  await page.getByLabel("Hosts").fill("https://api.example.com:8443/v1\nb.example.com");
  await page.getByLabel("Value").fill("s3cr3t-of-the-test");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator("[data-pointer='/name'] [role=alert]").waitFor();
  await user().shot("secret-new");
  await page.getByRole("textbox", { name: "Name" }).fill(NAME);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  expect(await page.getByLabel("Hosts").inputValue()).toBe("api.example.com\nb.example.com");
  expect(await page.content()).not.toContain("s3cr3t-of-the-test");
  await page.getByLabel("Description").fill("For the test.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 2").waitFor();
  await user().shot("secret");
});

test("the list", async () => {
  const { page } = user();
  await user().open("/secrets");
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("secrets");
});
