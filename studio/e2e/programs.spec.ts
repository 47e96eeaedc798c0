import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Check digit ${Date.now()}`;
/** The smallest command of WASI: memory, and a `_start` that does nothing. A section of its own name makes it one of its own. */
const wasm = (mark: string) => {
  const text = Buffer.from(mark);
  const section = Buffer.concat([Buffer.from([0, text.length + 1, text.length]), text]);
  return Buffer.concat([Buffer.from("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs=", "base64"), section]);
};

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/programs?q=${encodeURIComponent(NAME)}`);
  for (const { id } of data) await user().api("DELETE", `/api/v1/programs/${id}`);
});

test("what is no program is refused, and a program is uploaded", async () => {
  const { page } = user();
  await user().open("/programs/new");
  const file = page.locator("input[type=file]");
  await file.setInputFiles({ name: "main.rs", mimeType: "text/plain", buffer: Buffer.from("fn main() {}") });
  await page.getByText("This is no WebAssembly module.").waitFor();
  await file.setInputFiles({ name: "check.wasm", mimeType: "application/wasm", buffer: wasm(NAME) });
  await page.getByText(/^check.wasm/).waitFor();
  expect(await page.getByRole("textbox", { name: /^Name/ }).inputValue()).toBe("check");
  await page.getByRole("textbox", { name: /^Name/ }).fill(NAME);
  await page.getByLabel("Description").fill("Whether an order's number can be one");
  await user().shot("program-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
});

test("it is shown, given back and renamed", async () => {
  const { page } = user();
  await page.getByText("SHA-256").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^Check-digit-\d+\.wasm$/);
  await page.getByLabel("Description").fill("Of orders");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 2").waitFor();
  await user().shot("program");
  await user().open(`/programs?q=${encodeURIComponent(NAME)}`);
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("programs");
});
