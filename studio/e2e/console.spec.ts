import { beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Browser console ${Date.now()}`;

beforeAll(async () => {
  await user().signIn();
  const agent = await user().api<{ id: string }>("POST", "/api/v1/agents", { name: `${NAME} agent`, kind: "openai_chat", url: `${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`, model: "sample-agent" });
  const dataset = await user().api<{ id: string }>("POST", "/api/v1/datasets", { name: `${NAME} items` });
  await user().api("POST", `/api/v1/datasets/${dataset.id}/items`, { items: [{ key: "where", input: "Where is order A1002?" }] });
  await user().api("POST", "/api/v1/campaigns", { name: NAME, agent_id: agent.id, dataset_id: dataset.id, metrics: [{ kind: "contains", params: { values: ["processing"] } }] });
});

test("thoughts, actions and observations of a run are told", async () => {
  const { page } = user();
  await user().open("/console");
  await page.getByText("Nothing is watched yet").waitFor();
  await page.getByRole("combobox", { name: "Campaign" }).click();
  await page.getByRole("option", { name: NAME }).click();
  await page.getByRole("combobox", { name: "Choose a run" }).click();
  await page.getByRole("option", { name: /^where/ }).click();
  const log = page.getByRole("log");
  for (const kind of ["User", "Thought", "Action", "Observation", "Answer", "Score"]) await log.getByText(kind, { exact: true }).first().waitFor();
  await page.getByText("Ended", { exact: true }).waitFor();
  await user().shot("console");
});

test("what is told can be searched and narrowed, and is in the address", async () => {
  const { page } = user();
  await page.getByLabel("Search in what happened").fill("lookup_order");
  await page.getByRole("log").getByText("Answer", { exact: true }).waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("q")).toBe("lookup_order");
  await page.getByLabel("Search in what happened").fill("");
  await page.getByLabel("Shown").first().selectOption("raw");
  await page.getByText("Run ended").waitFor();
  await page.getByRole("button", { name: /Tool called/ }).click();
  await page.getByText("order_id").first().waitFor();
  await user().shot("console-events");
  await page.getByRole("link", { name: "Open the run" }).click();
  await page.getByRole("heading", { level: 1, name: "where" }).waitFor();
});
