import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Browser cases ${Date.now()}`;
let id = "";

type Items = { data: { key: string; input?: string; expected_output?: string; tags?: string[]; metadata?: Record<string, unknown> }[] };
const items = async () => (await user().api<Items>("GET", `/api/v1/datasets/${id}/items?limit=200`)).data;

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/datasets?name=${encodeURIComponent(NAME)}`);
  for (const one of data) await user().api("DELETE", `/api/v1/datasets/${one.id}`);
});

test("a dataset is made", async () => {
  const { page } = user();
  await user().open("/datasets/new");
  await page.getByRole("textbox", { name: /^Name/ }).fill(NAME);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("No items yet").waitFor();
  id = new URL(page.url()).pathname.split("/").pop() ?? "";
  await user().shot("dataset-empty");
});

test("a file is imported, its columns mapped", async () => {
  const { page } = user();
  await page.getByRole("link", { name: "Import" }).first().click();
  await page.getByRole("heading", { level: 1, name: `Import into ${NAME}` }).waitFor();
  const csv = "id,question,ground truth,difficulty\nrefund,How long do refunds take?,5 business days,easy\nhours,\"When are you, or your team, open?\",9 to 5,hard\nempty,,nothing asked,easy\n";
  await page.getByLabel("Choose a file").setInputFiles({ name: "cases.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.getByText("Read as CSV: 3 rows, 4 columns").waitFor();
  expect(await page.getByLabel("question: Becomes").inputValue()).toBe("input");
  expect(await page.getByLabel("difficulty: Becomes").inputValue()).toBe("+metadata");
  await user().shot("dataset-import");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Import 3 items" }).click();
  await page.getByText("Row 3").waitFor();
  await user().shot("dataset-import-wrong");
  await page.getByLabel("Leave out rows that are wrong").check();
  await page.getByRole("button", { name: "Import 3 items" }).click();
  await page.getByText("2 added, 0 replaced, 1 left out").waitFor();
  expect((await items())[0]).toMatchObject({ key: "refund", input: "How long do refunds take?", expected_output: "5 business days", metadata: { difficulty: "easy" } });
});

test("items are edited as in a spreadsheet and saved as one change", async () => {
  const { page } = user();
  await page.getByRole("link", { name: "Show the items" }).click();
  await page.getByRole("gridcell", { name: "How long do refunds take?" }).click();
  await page.keyboard.type("How long?");
  await page.keyboard.press("Enter");
  await page.getByText("1 change", { exact: true }).waitFor();
  // Undo and redo, then on to the tags of the second row.
  await page.keyboard.press("Control+z");
  await page.getByRole("gridcell", { name: "How long do refunds take?" }).waitFor();
  await page.keyboard.press("Control+y");
  await page.getByRole("gridcell", { name: "How long?" }).waitFor();
  await page.keyboard.press("Control+ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.keyboard.type("policy");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("hours");
  await page.keyboard.press("Enter");
  await page.getByRole("gridcell", { name: "policy, hours" }).waitFor();
  // Pasted from a spreadsheet, with a header: new rows.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(() => navigator.clipboard.writeText("Input\tExpected output\tSplit\nWhere are you?\tIn \"Hue\"\ttest\n\"Two\nlines\"\t\ttest"));
  await page.keyboard.press("Control+v");
  await page.getByText("4 changes", { exact: true }).waitFor();
  await user().shot("dataset-items");
  await page.keyboard.press("Control+Enter");
  await page.getByText("Saved: 2 added, 2 changed, 0 deleted").waitFor();
  const saved = await items();
  expect(saved.map((item) => item.input)).toEqual(["How long?", "When are you, or your team, open?", "Where are you?", "Two\nlines"]);
  expect(saved[1]?.tags).toEqual(["policy", "hours"]);
});

test("what the server refuses stands at its cell", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Add a row" }).click();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("An answer to nothing");
  await page.keyboard.press("Enter");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(/1 cell is wrong/).waitFor();
  await page.locator("[role=gridcell][aria-invalid=true]").waitFor();
  await user().shot("dataset-wrong");
  await page.keyboard.type("What?");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved: 1 added, 0 changed, 0 deleted").waitFor();
});

test("an item is opened whole, and rows are deleted", async () => {
  const { page } = user();
  await page.getByRole("gridcell", { name: "How long?" }).click();
  await page.keyboard.press("Space");
  const sheet = page.getByRole("dialog", { name: "refund" });
  await sheet.getByLabel("Expected outcome").fill("The user knows the time.");
  await user().shot("dataset-item");
  await sheet.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("gridcell", { name: "The user knows the time." }).waitFor();
  await page.getByRole("gridcell", { name: "Where are you?" }).click();
  await page.getByRole("button", { name: "Delete rows" }).click();
  await page.getByText("2 changes", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved: 0 added, 1 changed, 1 deleted").waitFor();
});

test("two versions are compared item by item, and what was deleted is brought back", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByText("1 removed").waitFor();
  await page.getByRole("heading", { level: 3 }).first().waitFor();
  await user().shot("dataset-versions");
  await page.getByRole("button", { name: "Bring this back" }).first().click();
  await page.getByText(/is as it was in version/).waitFor();
  expect((await items()).map((item) => item.input)).toContain("Where are you?");
  await page.getByRole("combobox", { name: "From" }).selectOption("1");
  await page.getByText("5 added").waitFor();
});

test("the items are exported as a file", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Export" }).click();
  const coming = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "JSON Lines" }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toMatch(/^Browser-cases-\d+\.jsonl$/);
  const lines = (await readFile(await file.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line) as { key: string });
  expect(lines.map((line) => line.key)).toEqual((await items()).map((item) => item.key));
});

test("somebody else's change is not lost", async () => {
  const { page } = user();
  await user().open(`/datasets/${id}`);
  await page.getByRole("gridcell", { name: "How long?" }).click();
  await page.keyboard.type("Mine");
  await page.keyboard.press("Enter");
  await user().api("POST", `/api/v1/datasets/${id}/items`, { items: [{ key: "refund", input: "Theirs" }] });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("dialog", { name: "Somebody else has changed these items" }).waitFor();
  await user().shot("dataset-conflict");
  await page.getByRole("button", { name: "Discard mine" }).click();
  await page.getByRole("gridcell", { name: "Theirs" }).waitFor();
});

test("the list, and the items on a tablet", async () => {
  const { page } = user();
  await user().open("/datasets");
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("datasets");
  await page.setViewportSize({ width: 820, height: 1100 });
  await user().open(`/datasets/${id}?rows=tall`);
  await page.getByRole("grid").waitFor();
  await user().shot("dataset-tablet");
});
