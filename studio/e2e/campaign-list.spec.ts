import { createHmac } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Browser list ${Date.now()}`;
let campaign = "";

beforeAll(async () => {
  await user().signIn();
  const agent = await user().api<{ id: string }>("POST", "/api/v1/agents", { name: `${NAME} agent`, kind: "openai_chat", url: `${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`, model: "sample-agent" });
  const dataset = await user().api<{ id: string }>("POST", "/api/v1/datasets", { name: `${NAME} items` });
  await user().api("POST", `/api/v1/datasets/${dataset.id}/items`, { items: [{ key: "refund", input: "How long do refunds take?" }, { key: "hours", input: "When are you open?" }] });
  campaign = (await user().api<{ id: string }>("POST", "/api/v1/campaigns", { name: NAME, agent_id: agent.id, dataset_id: dataset.id, metrics: [{ kind: "contains", params: { values: ["refund"] } }], tags: ["browser"] })).id;
  while ((await user().api<{ status: string }>("GET", `/api/v1/campaigns/${campaign}`)).status !== "completed") await new Promise((resolve) => setTimeout(resolve, 200));
});

test("the list", async () => {
  const { page } = user();
  await user().open("/campaigns");
  await page.getByRole("link", { name: NAME }).first().waitFor();
  await user().shot("campaigns");
  await page.getByLabel("Search name and tags").fill("no such campaign");
  await page.getByText("No campaign fits").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  // The address holds every filter, and the server does the filtering.
  await page.getByRole("button", { name: "browser", exact: true }).first().click();
  await page.waitForURL(/tag=browser/);
  await page.getByLabel("Agent", { exact: true }).selectOption({ label: `${NAME} agent` });
  await page.getByLabel("Status", { exact: true }).selectOption("Completed");
  await page.getByLabel("Search name and tags").fill(NAME.toLowerCase());
  await page.waitForURL(/q=/);
  await page.getByRole("button", { name: "Name" }).click();
  await page.waitForURL(/sort=name/);
  await page.reload();
  await page.getByRole("link", { name: NAME }).first().waitFor();
  expect(await page.getByRole("row").count()).toBe(2);
  await page.getByLabel("Status", { exact: true }).selectOption("Still going on");
  await page.getByText("No campaign fits").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.getByRole("link", { name: NAME }).first().waitFor();
});

test("a schedule is made, changed and deleted", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Started automatically" }).click();
  await page.getByRole("link", { name: "New schedule" }).click();
  await page.getByRole("heading", { level: 1, name: "New schedule" }).waitFor();
  await page.getByRole("textbox", { name: /^Name/ }).first().fill(NAME);
  await page.getByText("At 03:00, every day (UTC).").waitFor();
  expect(await page.getByRole("table", { name: "The next times" }).getByRole("row").count()).toBe(6);
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Create" }).click();
  // What is wrong with the campaign stands at its own fields.
  await page.locator("[data-pointer='/campaign'] [data-pointer='/agents'] > [role=alert]").waitFor();
  await page.getByRole("combobox", { name: /^Take the settings/ }).click();
  await page.getByPlaceholder("Choose a campaign").fill(NAME);
  await page.getByRole("option", { name: NAME }).first().click();
  await page.getByText(`${NAME} agent`).waitFor();
  await user().shot("schedule-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  await page.getByRole("button", { name: "On workdays" }).click();
  await page.getByText("At 03:00, Monday to Friday (UTC).").waitFor();
  await page.getByRole("tab", { name: "Run and gate" }).click();
  await page.getByLabel("Repetitions of each item").fill("3");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`${NAME} is saved`).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const saved = await user().api<{ cron: string; campaign: { repetitions: number; dataset_id: string } }>("GET", `/api/v1/schedules/${id}`);
  expect([saved.cron, saved.campaign.repetitions]).toEqual(["0 3 * * 1-5", 3]);
  await user().shot("schedule");
  await page.getByRole("link", { name: "Started automatically" }).click();
  await page.getByRole("checkbox", { name: `${NAME} is on` }).waitFor();
  await user().shot("campaigns-starts");
  await page.getByRole("link", { name: NAME }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("link", { name: "New schedule" }).waitFor();
  await page.getByRole("checkbox", { name: `${NAME} is on` }).waitFor({ state: "detached" });
});

test("a hook shows its secret once, takes what is signed with it, and is changed", async () => {
  const { page } = user();
  await user().open("/campaigns?tab=starts");
  await page.getByRole("link", { name: "New hook" }).click();
  await page.getByRole("textbox", { name: /^Name/ }).first().fill(NAME);
  await page.getByLabel("Sender").selectOption("generic");
  await page.getByRole("combobox", { name: /^Take the settings/ }).click();
  await page.getByPlaceholder("Choose a campaign").fill(NAME);
  await page.getByRole("option", { name: NAME }).first().click();
  await page.getByText(`${NAME} agent`).waitFor();
  await user().shot("hook-new");
  await page.getByRole("button", { name: "Create" }).click();
  const once = page.getByRole("dialog", { name: "Enter these at the sender" });
  await once.locator("dd code").first().waitFor();
  const [url = "", secret = ""] = await once.locator("dd code").allTextContents();
  await user().shot("hook-secret");
  await once.getByRole("button").last().click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  await page.getByText("Nothing has come yet.").waitFor();
  const body = JSON.stringify({ ref: "refs/heads/main", title: "Shorter answers" });
  const time = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  const sent = await fetch(new URL(new URL(url).pathname, process.env.ASSAY_URL), { method: "POST", body, headers: { "content-type": "application/json", "assay-signature": `t=${time},v1=${signature}` } });
  expect(sent.ok).toBe(true);
  await page.reload();
  await page.getByRole("list", { name: "What came" }).getByText("Shorter answers").waitFor();
  await user().shot("hook");
  await page.getByLabel("Branches").fill("main\nrelease/*");
  await page.getByRole("button", { name: "Replace it" }).click();
  await page.getByRole("button", { name: "Keep what is stored" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`${NAME} is saved`).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const saved = await user().api<{ filter: { branches: string[] }; secret_count: number }>("GET", `/api/v1/hooks/${id}`);
  expect([saved.filter.branches, saved.secret_count]).toEqual([["main", "release/*"], 1]);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("link", { name: "New hook" }).waitFor();
});

test("a campaign on a tablet", async () => {
  const { page } = user();
  await page.setViewportSize({ width: 800, height: 1100 });
  await user().open(`/campaigns/${campaign}`);
  await page.getByRole("rowheader", { name: /contains/ }).waitFor();
  await user().shot("campaign-tablet");
});
