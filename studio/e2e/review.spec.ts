import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const RUN = `${Date.now()}`;
const SCHEMA = `correct ${RUN}`;
const QUEUE = `Doubtful ${RUN}`;
let campaign = { id: "", name: "" };
let queue = "";
let kinds = "";

interface Page<T> {
  data: T[];
}

/** A second person: a key of its own, so that two people answer the same items. */
let second = { public_key: "", secret_key: "", id: "" };

beforeAll(async () => {
  await user().signIn();
  second = await user().api("POST", "/api/v1/api-keys", { name: `Second reviewer ${RUN}`, role: "reviewer" });
  const agent = await user().api<{ id: string }>("POST", "/api/v1/agents", { name: `Review bot ${RUN}`, kind: "openai_chat", url: `${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`, model: "sample-agent" });
  const dataset = await user().api<{ id: string }>("POST", "/api/v1/datasets", { name: `Review cases ${RUN}` });
  const items = ["How long do refunds take?", "When are you open?", "How long is the warranty?", "Where is my order A1002?"].map((input, index) => ({ key: `case-${index}`, input }));
  await user().api("POST", `/api/v1/datasets/${dataset.id}/items`, { items });
  campaign = await user().api("POST", "/api/v1/campaigns", { name: `Reviewed ${RUN}`, agent_id: agent.id, dataset_id: dataset.id, metrics: [{ kind: "contains", name: "Names days", params: { values: ["days"] } }] });
  for (let tries = 0; tries < 100; tries += 1) {
    const { status } = await user().api<{ status: string }>("GET", `/api/v1/campaigns/${campaign.id}`);
    if (status === "completed") break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});

afterAll(async () => {
  for (const id of [queue, kinds]) if (id) await user().api("DELETE", `/api/v1/review-queues/${id}`);
  if (second.id) await user().api("DELETE", `/api/v1/api-keys/${second.id}`);
});

test("a question is made, with a preview of it", async () => {
  const { page } = user();
  await user().open("/label-schemas/new");
  await page.getByLabel("Name").fill(SCHEMA);
  await page.getByLabel("Guidelines").fill("Is everything that it says **true**?");
  await page.getByLabel("Answer", { exact: true }).selectOption("categorical");
  await page.getByRole("radio", { name: /partly/ }).click();
  await user().shot("label-schema-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: SCHEMA }).waitFor();
});

test("a queue asks it, and takes scores by a rule", async () => {
  const { page } = user();
  await user().open("/review/new");
  await page.getByLabel("Name", { exact: false }).first().fill(QUEUE);
  await page.getByRole("combobox", { name: /Label schemas/ }).click();
  await page.getByPlaceholder("Add a label schema").fill(SCHEMA);
  await page.getByRole("option", { name: SCHEMA }).click();
  await page.getByLabel("People for each item").fill("2");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("Which scores").selectOption("score_below");
  await user().shot("review-queue-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: QUEUE }).waitFor();
  queue = new URL(page.url()).pathname.split("/").pop() ?? "";
  await page.getByText("No items yet").waitFor();
});

test("the runs of a campaign are put in", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Add items" }).first().click();
  await page.getByRole("combobox", { name: "Campaign" }).click();
  await page.getByPlaceholder("Choose a campaign").fill(campaign.name);
  await page.getByRole("option", { name: campaign.name }).click();
  await page.getByText("All 4").waitFor();
  await user().shot("review-add-items");
  await page.getByRole("button", { name: "Add 4 items" }).click();
  await page.getByText("4 added, 0 were there already").waitFor();
  await page.getByRole("heading", { name: "0 of 4 done" }).waitFor();
  await user().shot("review-queue");
});

test("the queue is worked by the keyboard alone", async () => {
  const { page } = user();
  await user().open(`/review/${queue}/work`);
  const item = page.locator("[data-item]");
  await item.waitFor();
  await page.getByText("Hidden until you answer").waitFor();
  await user().shot("review-work");
  // Nothing is sent without what is required.
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: `Still to be answered: ${SCHEMA}` }).waitFor();
  const seen = new Set<string>();
  for (const key of ["3", "1"]) {
    const id = (await item.getAttribute("data-item")) ?? "";
    expect(seen.has(id)).toBe(false);
    seen.add(id);
    await page.keyboard.press(key);
    await page.locator("[data-question] [aria-checked=true]").waitFor();
    await page.keyboard.press("Enter");
    await page.locator(`[data-item="${id}"]`).waitFor({ state: "detached" });
  }
  await page.getByRole("region", { name: "Before" }).waitFor();
  await page.getByText(/The machine said/).click();
  await page.getByText("2 answered now").waitFor();
  await user().shot("review-work-after");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("Answer and take the next item").first().waitFor();
  await page.keyboard.press("Escape");
  const skipped = (await item.getAttribute("data-item")) ?? "";
  await page.keyboard.press("s");
  await page.getByRole("dialog", { name: "Skip this item?" }).getByLabel("Why").fill("The answer is in another language");
  await page.keyboard.press("Enter");
  await page.locator(`[data-item="${skipped}"]`).waitFor({ state: "detached" });
  await item.waitFor();
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "All done" }).waitFor();
});

test("a person says otherwise than a metric, with a reason", async () => {
  const { page } = user();
  await user().open(`/review/${queue}?tab=items`);
  await page.getByRole("table", { name: "Items" }).waitFor();
  await page.getByRole("button", { name: /^Run/ }).first().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Override" }).click();
  const dialog = page.getByRole("dialog", { name: /Say otherwise/ });
  await dialog.getByLabel("Score").fill("0.8");
  await dialog.getByLabel("Why").fill("It names the day in words.");
  await dialog.getByRole("button", { name: "Override" }).click();
  await dialog.waitFor({ state: "detached" });
  await sheet.getByText("It names the day in words.").waitFor();
  await user().shot("review-item");
  await page.keyboard.press("Escape");
});

test("two people are held against each other, and the metric against both", async () => {
  const { page } = user();
  // The second person answers everything.
  const pair = Buffer.from(`${second.public_key}:${second.secret_key}`).toString("base64");
  const asSecond = async <T>(path: string, data: unknown): Promise<T> => {
    const response = await user().context.request.fetch(new URL(path, process.env.ASSAY_URL).href, { method: "POST", data, headers: { authorization: `Basic ${pair}` } });
    if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`);
    return await response.json() as T;
  };
  for (const value of ["yes", "no", "yes", "partly"]) {
    const { item } = await asSecond<{ item: { id: string } | null }>(`/api/v1/review-queues/${queue}/claim`, undefined);
    if (!item) break;
    await asSecond(`/api/v1/review-queues/${queue}/items/${item.id}/answers`, { answers: [{ schema: SCHEMA, value }] });
  }
  await user().open(`/review/${queue}?tab=agreement`);
  await page.getByText("Krippendorff's alpha").waitFor();
  await page.getByText(`Second reviewer ${RUN}`).first().waitFor();
  await user().shot("review-agreement");
  await page.getByRole("tab", { name: "Judges" }).click();
  await page.getByRole("heading", { name: /Names days/ }).waitFor();
  await page.getByText("What a score is worth").waitFor();
  await page.locator(".recharts-surface").first().waitFor();
  await user().shot("review-judges");
  await page.getByRole("tab", { name: "Answers" }).click();
  await page.getByRole("table", { name: "Answers" }).waitFor();
});

test("what was labelled becomes a dataset", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Export to a dataset" }).click();
  await page.getByLabel("Make a dataset of this name").fill(`Labelled ${RUN}`);
  await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
  await page.getByText(/\d added and 0 replaced/).waitFor();
  const { data } = await user().api<Page<{ item_count: number }>>("GET", `/api/v1/datasets?name=${encodeURIComponent(`Labelled ${RUN}`)}`);
  expect(data[0]?.item_count).toBeGreaterThan(0);
});

test("questions of every kind are answered by keys, with the machine's score in sight, and known items tell how it went", async () => {
  const { page } = user();
  const make = async (spec: object) => (await user().api<{ id: string }>("POST", "/api/v1/label-schemas", spec)).id;
  const ids = [
    await make({ name: `polite ${RUN}`, kind: "boolean" }),
    await make({ name: `quality ${RUN}`, kind: "numeric", min: 1, max: 5, step: 1, guidelines: "<img src=x onerror=alert(1)> 5 is **best**." }),
    await make({ name: `turn ok ${RUN}`, kind: "boolean", target: "turn" }),
    await make({ name: `better ${RUN}`, kind: "text", required: false }),
  ];
  const { id } = await user().api<{ id: string }>("POST", "/api/v1/review-queues", { name: `Kinds ${RUN}`, label_schema_ids: ids, show_scores: true });
  kinds = id;
  const { data } = await user().api<Page<{ run_id: string }>>("GET", `/api/v1/campaigns/${campaign.id}/runs`);
  const subject = (index: number) => ({ type: "run", run_id: data[index]?.run_id, metric: "Names days" });
  await user().api("POST", `/api/v1/review-queues/${id}/items`, { items: [
    { subject: subject(0), priority: 5, gold: [{ schema: `polite ${RUN}`, value: true }, { schema: `quality ${RUN}`, value: 5 }] },
    { subject: subject(1) },
  ] });
  await user().open(`/review/${id}/work`);
  const active = (name: string) => page.locator(`[data-question^="${name} ${RUN}"][data-active]`).waitFor();
  await active("polite");
  await page.getByText("the answer", { exact: false }).first().waitFor();
  await page.keyboard.press("y");
  await active("quality");
  // Markup in what people wrote is text.
  await page.getByText("<img src=x onerror=alert(1)>").waitFor();
  await page.keyboard.press("4");
  await active("turn ok");
  await page.keyboard.press("n");
  await active("better");
  await page.keyboard.type("Say <b>when</b> it ships.");
  await user().shot("review-work-kinds");
  await page.keyboard.press("Control+Enter");
  await page.getByText(/A known item: you had \d of 2 right/).waitFor();
  // Override the score of the item that is shown now.
  await page.locator("[data-item]").filter({ has: page.locator(`[data-question^="polite ${RUN}"][data-active]`) }).waitFor();
  await page.keyboard.press("o");
  const dialog = page.getByRole("dialog", { name: /Say otherwise/ });
  await dialog.waitFor();
  await dialog.getByLabel("Score").fill("1");
  await dialog.getByLabel("Why").fill("It is named.");
  await dialog.getByLabel("Why").press("Tab");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.getByText("It is named.").waitFor();
  await page.keyboard.press("r");
  await page.getByRole("heading", { level: 1, name: `Kinds ${RUN}`, exact: true }).waitFor();
  await page.getByRole("tab", { name: "Answers" }).click();
  await page.getByText("Say <b>when</b> it ships.").waitFor();
});

test("the list shows how far queues are", async () => {
  const { page } = user();
  await user().open(`/review?q=${encodeURIComponent(QUEUE)}`);
  await page.getByRole("link", { name: QUEUE, exact: true }).waitFor();
  await page.getByText(/of 4 done/).waitFor();
  await user().shot("review");
  await page.setViewportSize({ width: 768, height: 1024 });
  await user().open(`/review/${queue}`);
  await page.getByRole("heading", { name: /of 4 done/ }).waitFor();
  await user().shot("review-tablet");
  await page.setViewportSize({ width: 1280, height: 800 });
});
