import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Browser knowledge ${Date.now()}`;
let id = "";

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/knowledge-bases?name=${encodeURIComponent(NAME)}`);
  for (const one of data) await user().api("DELETE", `/api/v1/knowledge-bases/${one.id}`);
});

test("a knowledge base is made, and files are described in it", async () => {
  const { page } = user();
  await user().open("/knowledge/new");
  await page.getByRole("textbox", { name: "Name" }).fill(NAME);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  id = new URL(page.url()).pathname.split("/").pop() ?? "";
  await user().shot("knowledge-empty");
  await page.getByLabel("Choose files").first().setInputFiles([
    { name: "returns.md", mimeType: "text/markdown", buffer: Buffer.from("# Returns\n30 days.\n") },
    { name: "prices.csv", mimeType: "text/csv", buffer: Buffer.from("item,price\nA,1\n") },
  ]);
  await page.getByText("2 documents added").waitFor();
  const { data } = await user().api<{ data: { name: string; size: number; sha256?: string }[] }>("GET", `/api/v1/knowledge-bases/${id}/documents?sort=name`);
  expect(data[1]).toMatchObject({ name: "returns.md", size: 19 });
  expect(data[1]?.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test("a document is changed, and its source leads to the web", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "returns.md", exact: true }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("Status").selectOption("ready");
  await sheet.getByLabel("Found at").fill("https://example.com/returns");
  await user().shot("document");
  await sheet.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "example.com/returns" }).waitFor();
  await user().shot("knowledge");
});

test("documents are deleted with a way back", async () => {
  const { page } = user();
  await page.getByRole("checkbox", { name: "Select prices.csv" }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
  await page.getByText("1 deleted").waitFor();
  await page.getByRole("button", { name: "prices.csv", exact: true }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "prices.csv", exact: true }).waitFor();
});

test("the list", async () => {
  const { page } = user();
  await user().open("/knowledge");
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("knowledge-bases");
});
