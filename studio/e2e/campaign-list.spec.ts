import { beforeAll, test } from "vitest";
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
});

test("a schedule starts campaigns like one that was", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Started automatically" }).click();
  await page.getByRole("button", { name: "New schedule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Name/).fill(NAME);
  await dialog.getByRole("combobox", { name: /^Like which campaign/ }).click();
  await page.getByPlaceholder("Choose a campaign").fill(NAME);
  await page.getByRole("option", { name: NAME }).first().click();
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("checkbox", { name: `${NAME} is on` }).waitFor();
  await user().shot("campaigns-starts");
  await page.getByRole("button", { name: `Delete: ${NAME}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("checkbox", { name: `${NAME} is on` }).waitFor({ state: "detached" });
});

test("a campaign on a tablet", async () => {
  const { page } = user();
  await page.setViewportSize({ width: 800, height: 1100 });
  await user().open(`/campaigns/${campaign}`);
  await page.getByRole("rowheader", { name: /contains/ }).waitFor();
  await user().shot("campaign-tablet");
});
