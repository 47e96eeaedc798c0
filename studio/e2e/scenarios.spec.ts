import { afterAll, beforeAll, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Script of two turns ${Date.now()}`;

beforeAll(async () => {
  await user().signIn();
  // Scenarios are checked while they are built: what is not sound yet is answered 422.
  user().expectComplaint(/status of 422/);
});
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/scenarios?q=${encodeURIComponent(NAME)}`);
  for (const { id } of data) await user().api("DELETE", `/api/v1/scenarios/${id}`);
});

test("graphs of another editor are read, and what became of them is said", async () => {
  const { page } = user();
  await user().open("/scenarios/new");
  await user().shot("scenario-new");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByLabel("JSON").fill(JSON.stringify({
    name: "Late order",
    nodes: [{ id: "1", type: "customNode", data: { category: "start" } }, { id: "2", type: "customNode", data: { category: "end" } }],
    edges: [{ id: "e", source: "1", target: "2" }],
  }));
  await page.getByRole("button", { name: "Read it" }).click();
  await page.getByText("2 nodes, 1 edges").waitFor();
  await user().shot("scenario-import");
  await page.getByRole("button", { name: "Open in the builder" }).click();
  await page.locator(".react-flow__node").nth(1).waitFor();
});

test("the list, and a script", async () => {
  const { page } = user();
  page.on("dialog", (dialog) => void dialog.accept());
  await user().api("POST", "/api/v1/scenarios", { name: NAME, script: ["Where is my order A1001?", "Thank you"], metrics: [{ kind: "contains", params: { values: ["welcome"] } }] });
  await user().open("/scenarios");
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("scenarios");
  await user().open("/scenarios/new?course=script");
  await page.getByRole("button", { name: "Add a turn" }).click();
  await page.getByRole("textbox", { name: "Turn 2" }).fill("Thank you");
  await user().shot("scenario-script");
  await page.getByRole("tab", { name: /Situation/ }).click();
  await user().shot("scenario-situation");
  await page.setViewportSize({ width: 820, height: 1100 });
  await user().open("/scenarios/new?course=graph");
  await page.locator(`.react-flow__node[data-id="done"]`).waitFor();
  await user().shot("scenario-builder-tablet");
});

test("a script runs without a graph, and can be made one", async () => {
  const { page } = user();
  await page.setViewportSize({ width: 1280, height: 800 });
  await user().open(`/scenarios?q=${encodeURIComponent(NAME)}`);
  await page.getByRole("link", { name: NAME }).click();
  await page.getByRole("tab", { name: "Run", exact: true }).click();
  await user().shot("scenario-run-start");
  await page.getByRole("combobox", { name: /^Agent/ }).click();
  await page.getByRole("option", { name: /^Sample support agent/ }).first().click();
  await page.getByRole("button", { name: "Run it" }).click();
  await page.getByRole("tab", { name: "Conversation" }).click();
  await page.getByText(/tracking number is TRK-1001/).first().waitFor();
  await user().shot("scenario-run-script");
  await page.getByRole("tab", { name: "Course" }).click();
  await page.getByRole("button", { name: "Make a graph of it" }).click();
  await page.locator(`.react-flow__node[data-id="answer_2"]`).waitFor();
});
