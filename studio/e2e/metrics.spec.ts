import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Browser metric ${Date.now()}`;
let id = "";

beforeAll(() => user().signIn());
afterAll(async () => {
  for (const kind of ["metric-library", "models"]) {
    const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/${kind}?name=${encodeURIComponent(NAME)}`);
    for (const one of data) await user().api("DELETE", `/api/v1/${kind}/${one.id}`);
  }
});

test("the catalogue is searched, and its state is in the address", async () => {
  const { page } = user();
  await user().open("/metrics/catalogue");
  await page.getByRole("link", { name: "Exact match" }).waitFor();
  await user().shot("metric-catalogue");
  await page.getByRole("button", { name: /^Safety/ }).click();
  await page.getByLabel("Find a metric").fill("advice");
  await page.getByText("1 metric", { exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe("?group=safety&q=advice");
  await page.goBack();
  await page.getByRole("link", { name: "Exact match" }).waitFor();
});

test("a metric is set up by the form of its schema, tried, and kept", async () => {
  const { page } = user();
  await page.getByLabel("Find a metric").fill("contains");
  await page.getByRole("link", { name: "Contains", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "New metric: Contains" }).waitFor();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(NAME);
  const values = page.getByRole("group", { name: "Values" });
  await values.getByRole("button", { name: "Add" }).click();
  await values.getByRole("textbox", { name: "Entry 1" }).fill("refund");
  await values.getByRole("button", { name: "Add" }).click();
  await values.getByRole("textbox", { name: "Entry 2" }).fill("moon");
  await page.getByRole("button", { name: "Fill in an example" }).click();
  await page.getByRole("button", { name: "Score it" }).click();
  await page.getByText("Failed", { exact: true }).waitFor();
  await page.getByText("0.50", { exact: true }).waitFor();
  await values.getByRole("button", { name: "Remove Entry 2" }).click();
  await page.getByRole("button", { name: "Score it" }).click();
  await page.getByText("Passed", { exact: true }).waitFor();
  await user().shot("metric-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  id = new URL(page.url()).pathname.split("/").pop() ?? "";
  const made = await user().api<{ metric: unknown }>("GET", `/api/v1/metric-library/${id}`);
  expect(made.metric).toEqual({ kind: "contains", params: { values: ["refund"] } });
});

test("what is wrong with the parameters stands at them", async () => {
  const { page } = user();
  await user().open("/metrics/new?kind=regex");
  await page.getByRole("textbox", { name: /^Pattern/ }).fill("(");
  await page.getByRole("button", { name: "Fill in an example" }).click();
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Score it" }).click();
  await page.locator("[data-pointer='/metric/params/pattern'] [role=alert]").waitFor();
  await user().shot("metric-wrong");
});

test("questions of several forms, and a judge that is asked", async () => {
  const { page } = user();
  await user().api("POST", "/api/v1/models", { name: NAME, base_url: `${process.env.ASSAY_URL}/sample-agent/v1`, model: "sample" });
  await user().open("/metrics/new?kind=jev_eval");
  const questions = page.getByRole("group", { name: "Questions" });
  await questions.getByRole("combobox", { name: "Entry 1: Form" }).selectOption({ label: "Choice" });
  await questions.getByRole("textbox", { name: /^Question/ }).fill("Does it say when?");
  await questions.getByRole("group", { name: "Options" }).getByRole("button", { name: "Add" }).click();
  await questions.getByLabel("Name 1").fill("yes");
  await questions.getByLabel("Value 1").fill("1");
  await questions.getByRole("group", { name: "Options" }).getByRole("button", { name: "Add" }).click();
  await questions.getByLabel("Name 2").fill("no");
  await questions.getByLabel("Value 2").fill("0");
  await page.getByRole("combobox", { name: "Judge" }).click();
  await page.getByPlaceholder("Choose a model").fill(NAME);
  await page.getByRole("option", { name: new RegExp(NAME) }).click();
  await page.getByRole("button", { name: "Fill in an example" }).click();
  await page.getByRole("button", { name: "Score it" }).click();
  // The sample agent is no judge: what it says is no score, and is shown as that.
  await page.getByText("Error", { exact: true }).waitFor();
  await questions.getByRole("button", { name: "Add", exact: true }).last().scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await user().shot("metric-judged");
});

test("a parameter that names a model is one of the models", async () => {
  const { page } = user();
  await user().open("/metrics/new?kind=embedding_similarity");
  await page.getByRole("combobox", { name: /^Model id/ }).click();
  await page.getByRole("option", { name: new RegExp(NAME) }).click();
  await page.getByRole("combobox", { name: /^Model id/ }).filter({ hasText: NAME }).waitFor();
  await user().expectWell();
});

test("a change is a version", async () => {
  const { page } = user();
  await user().open(`/metrics/${id}`);
  await page.getByRole("spinbutton", { name: /^Passes from/ }).fill("0.7");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 2").waitFor();
  await user().shot("metric");
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByText("Changes from version 1 to 2").waitFor();
  await user().shot("metric-versions");
  await page.getByRole("link", { name: "Duplicate" }).click();
  await page.getByRole("heading", { level: 1, name: "New metric: Contains" }).waitFor();
  expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe(`${NAME} (copy)`);
});

test("the library", async () => {
  const { page } = user();
  await user().open("/metrics");
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("metrics");
  await page.setViewportSize({ width: 820, height: 1100 });
  await user().open("/metrics/catalogue?group=own");
  await page.getByRole("link", { name: "Custom prompt" }).waitFor();
  await user().shot("metric-catalogue-tablet");
});
