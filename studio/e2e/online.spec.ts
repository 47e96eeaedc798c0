import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `rule-${Date.now().toString(36)}`;

beforeAll(async () => {
  await user().signIn();
  const start = new Date(Date.now() - 60_000).toISOString();
  await user().api("POST", "/api/v1/ingest", {
    traces: [1, 2, 3].map((n) => ({ id: `${NAME}-${n}`, name: NAME, timestamp: start, input: "How long?", output: "Two days." })),
    observations: [1, 2, 3].map((n) => ({ id: `${NAME}-${n}-a`, trace_id: `${NAME}-${n}`, type: "GENERATION", name: "reply", start_time: start, end_time: new Date(Date.parse(start) + n * 700).toISOString() })),
  });
});
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/evaluation-rules?name=${NAME}`);
  for (const { id } of data) await user().api("DELETE", `/api/v1/evaluation-rules/${id}`);
  await user().api("DELETE", "/api/public/traces", { traceIds: [1, 2, 3].map((n) => `${NAME}-${n}`) });
});

test("a rule is made, and what the server says stands at the field", async () => {
  const { page } = user();
  await user().open("/evaluation-rules");
  await page.getByRole("link", { name: "New rule" }).first().click();
  await page.getByRole("textbox", { name: /^Name/ }).first().fill(NAME);
  await page.getByRole("button", { name: "Add condition" }).click();
  await page.getByLabel("Value", { exact: true }).fill(NAME);
  await page.getByLabel("Share of traces, in percent").fill("100");
  await page.getByLabel("Wait, in seconds").fill("0");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator("[data-pointer='/metrics'] [role=alert]").waitFor();
  await page.getByRole("combobox", { name: "Add a metric" }).click();
  await page.getByPlaceholder("Add a metric").fill("latency");
  await page.getByRole("listbox").getByRole("option", { name: /^Latency/ }).first().click();
  await page.locator("[data-pointer='/metrics/0/params/max_ms'] input").fill("1000");
  await page.getByLabel("Shown as").fill(`${NAME} quick`);
  await user().shot("evaluation-rule-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
});

test("older traces are evaluated, and their scores stand beside them", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Evaluate older traces" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
  await page.getByText("3 of 3 traces are in the queue").waitFor();
  await page.getByRole("button", { name: /^Done\s*3$/ }).waitFor({ timeout: 30_000 });
  await user().shot("evaluation-rule");
  await page.getByRole("button", { name: /^Done/ }).click();
  expect(new URL(page.url()).searchParams.get("state")).toBe("done");
  await page.getByRole("button", { name: "Evaluate again", exact: true }).click();
  await page.getByRole("dialog").getByRole("checkbox", { name: "Done" }).check();
  await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
  await page.getByText("3 traces are evaluated again").waitFor();
  await page.getByRole("link", { name: `${NAME}-1` }).click();
  await page.getByText(`${NAME} quick`).waitFor();
});

test("the list tells what each rule has done", async () => {
  const { page } = user();
  await user().open(`/evaluation-rules?q=${NAME}`);
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("evaluation-rules");
  await page.getByRole("checkbox", { name: `Select ${NAME}` }).check();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: NAME }).waitFor();
});
