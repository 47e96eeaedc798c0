import { beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

interface Named { id: string; name: string }
interface Campaign extends Named { status: string; summary: { total: number; failed: number } }

const user = withUser();
const NAME = `Browser campaign ${Date.now()}`;
let agent: Named;
let dataset: Named;
let first: Campaign;

async function ended(id: string): Promise<Campaign> {
  for (;;) {
    const found = await user().api<Campaign>("GET", `/api/v1/campaigns/${id}`);
    if (found.status === "completed") return found;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

beforeAll(async () => {
  await user().signIn();
  agent = await user().api("POST", "/api/v1/agents", { name: `${NAME} agent`, kind: "openai_chat", url: `${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`, model: "sample-agent" });
  dataset = await user().api("POST", "/api/v1/datasets", { name: `${NAME} items` });
  await user().api("POST", `/api/v1/datasets/${dataset.id}/items`, {
    items: [
      { key: "refund", input: "How long do refunds take?", expected_output: "5 business days" },
      { key: "order", input: "Where is order A1002?", expected_output: "processing" },
      { key: "warranty", input: "How long is the warranty?", expected_output: "2 years" },
    ],
  });
});

test("a campaign is put together, estimated, and started", async () => {
  const { page } = user();
  await user().open("/campaigns/new");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Start the campaign" }).click();
  // What the API says stands at its step.
  await page.getByRole("alert").first().waitFor();
  await page.getByLabel("Name").fill(NAME);
  await page.getByRole("combobox", { name: "Add an agent" }).click();
  await page.getByPlaceholder("Add an agent").fill(agent.name);
  await page.getByRole("option", { name: agent.name }).click();
  await user().shot("campaign-new-agents");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("combobox", { name: "Dataset" }).click();
  await page.getByPlaceholder("Choose a dataset").fill(dataset.name);
  await page.getByRole("option", { name: dataset.name }).click();
  await page.getByText("1 agent × 3 cases × once").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  for (const kind of ["Contains", "Latency"]) {
    await page.getByRole("button", { name: "Add a metric" }).click();
    await page.getByRole("searchbox", { name: "Search metrics" }).fill(kind.toLowerCase());
    await page.getByRole("button", { name: new RegExp(`^${kind}`) }).first().click();
  }
  const values = page.getByRole("group", { name: "Values" });
  await values.getByRole("button", { name: "Add" }).click();
  await values.getByRole("textbox", { name: "Entry 1" }).fill("refund");
  await page.getByLabel(/^Max ms/).fill("20000");
  await user().shot("campaign-new-metrics");
  await page.getByRole("button", { name: "Run and gate" }).click();
  await page.getByLabel("Least pass rate").fill("0.9");
  await page.getByRole("button", { name: "Start the campaign" }).first().click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
});

test("its page shows what came of it", async () => {
  const { page } = user();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  first = await ended(id);
  await page.getByText("Completed").first().waitFor();
  await page.getByRole("rowheader", { name: /contains/ }).waitFor();
  await user().shot("campaign");
  await page.getByRole("tab", { name: "Matrix" }).click();
  await page.getByRole("grid").waitFor();
  expect(await page.getByRole("row").count()).toBe(4);
  await user().shot("campaign-matrix");
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.getByText("Campaign completed").waitFor();
  await page.getByRole("tab", { name: "Gate" }).click();
  await page.getByRole("button", { name: "Judge", exact: true }).click();
  await page.getByText("Inconclusive").or(page.getByText("Fail", { exact: true })).first().waitFor();
  await user().shot("campaign-gate");
  await page.getByRole("tab", { name: "Report" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV of all runs" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.csv$/);
  await user().shot("campaign-report");
  await page.getByRole("tab", { name: "Runs" }).click();
  await page.getByLabel("Status", { exact: true }).selectOption("failed");
  await page.waitForURL(/status=failed/);
  await page.getByRole("link", { name: "warranty" }).waitFor();
  await user().shot("campaign-runs");
  await page.getByRole("link", { name: "warranty" }).click();
  await page.getByRole("heading", { level: 1, name: "warranty" }).waitFor();
});

test("it is run again, and the two are compared", async () => {
  const { page } = user();
  await user().open(`/campaigns/${first.id}`);
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("menuitem", { name: "Everything" }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/campaigns/") && !url.pathname.endsWith(first.id));
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await ended(id);
  await user().open(`/campaigns/${id}/compare?baseline=${first.id}`);
  await page.getByRole("heading", { name: "In words" }).waitFor();
  await page.getByRole("heading", { name: "Item by item" }).waitFor();
  await user().shot("campaign-compare");
});
