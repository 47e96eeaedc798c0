import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";
import { scripted } from "./scripted";

const user = withUser();
const RUN = `${Date.now()}`;
const COUNT = 60;
const METRIC = `right ${RUN}`;
let close = () => {};
let queue = "";
let judge = "";
/** Whether the platform may ask a model on this machine at all. */
let allowed = true;

interface Id {
  id: string;
}

beforeAll(async () => {
  await user().signIn();
  // It gives everything 9 of 10, and is as sure of it as the case says.
  const model = await scripted((words) => {
    const sure = /sure-(\d\d)/.exec(words)?.[1];
    return { text: JSON.stringify({ reason: "So it seems.", score: 9 }), sure: Number(sure ?? 50) / 100 };
  });
  const agent = await scripted((words) => ({ text: words }));
  close = () => {
    model.close();
    agent.close();
  };
  const api = <T>(path: string, data?: unknown) => user().api<T>("POST", path, data);
  judge = (await api<Id>("/api/v1/models", { name: `Judge ${RUN}`, base_url: model.url, model: "scripted" })).id;
  const trial = await api<{ ok: boolean; error: { kind: string } | null }>(`/api/v1/models/${judge}/test`, {});
  allowed = trial.error?.kind !== "target_forbidden";
  const schema = await api<Id>("/api/v1/label-schemas", { name: `stars ${RUN}`, kind: "numeric", min: 1, max: 5, step: 1 });
  queue = (await api<Id>("/api/v1/review-queues", { name: `Calibration ${RUN}`, label_schema_ids: [schema.id], rules: [{ name: "all", metric: METRIC, when: { type: "always" } }] })).id;
  if (!allowed) return;
  const bot = await api<Id>("/api/v1/agents", { name: `Echo ${RUN}`, kind: "openai_chat", url: `${agent.url}/chat/completions` });
  const dataset = await api<Id>("/api/v1/datasets", { name: `Calibration cases ${RUN}` });
  const items = Array.from({ length: COUNT }, (_, index) => ({ key: `k${index}`, input: `number ${String(index).padStart(2, "0")}, sure-${index % 2 ? 65 : 95}` }));
  await api(`/api/v1/datasets/${dataset.id}/items`, { items });
  const campaign = await api<Id>("/api/v1/campaigns", { name: `Judged ${RUN}`, agent_id: bot.id, dataset_id: dataset.id, judge_model_id: judge, concurrency: 16, metrics: [{ kind: "g_eval", name: METRIC, params: { evaluation_steps: ["Check it."] } }] });
  for (let tries = 0; tries < 200; tries += 1) {
    const { status } = await user().api<{ status: string }>("GET", `/api/v1/campaigns/${campaign.id}`);
    if (status === "completed") break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (let left = COUNT; left > 0; left -= 1) {
    const { item } = await api<{ item: { id: string; content: { input: string } } | null }>(`/api/v1/review-queues/${queue}/claim`);
    if (!item) break;
    const number = Number(/number (\d\d)/.exec(item.content.input)?.[1]);
    const wrong = (Math.floor(number / 2) % 4 === 0) === (number % 2 === 0);
    await api(`/api/v1/review-queues/${queue}/items/${item.id}/answers`, { answers: [{ schema: `stars ${RUN}`, value: wrong ? 1 : 5 }] });
  }
});

afterAll(async () => {
  close();
  if (queue) await user().api("DELETE", `/api/v1/review-queues/${queue}`);
  if (judge) await user().api("DELETE", `/api/v1/models/${judge}`);
});

test("the list says what calibrations are good for", async () => {
  await user().open("/calibrations");
  await user().page.getByRole("button", { name: "Calibrate a judge" }).first().waitFor();
  await user().shot("calibrations");
});

test("too few answers make none, and the form says why", async () => {
  const { page } = user();
  await user().open(`/calibrations?new=1&metric=${encodeURIComponent(`nothing ${RUN}`)}`);
  await page.getByRole("combobox", { name: "Judge" }).click();
  await page.getByPlaceholder("Choose a model").fill(`Judge ${RUN}`);
  await page.getByRole("option", { name: `Judge ${RUN}` }).click();
  user().expectComplaint(/status of (409|422)/);
  await page.getByRole("button", { name: "Calibrate", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await user().shot("calibration-new");
});

test("a judge is calibrated on what people said", async ({ skip }) => {
  if (!allowed) skip("the platform may not ask a model on this machine");
  const { page } = user();
  await user().open(`/calibrations?new=1&metric=${encodeURIComponent(METRIC)}&queue=${queue}`);
  await page.getByRole("combobox", { name: "Judge" }).click();
  await page.getByPlaceholder("Choose a model").fill(`Judge ${RUN}`);
  await page.getByRole("option", { name: `Judge ${RUN}` }).click();
  await page.getByRole("button", { name: "Calibrate", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: METRIC }).waitFor();
  await page.getByText("Applied").waitFor();
  await page.locator(".recharts-surface").nth(1).waitFor();
  await user().shot("calibration");
  expect(new URL(page.url()).search).toBe("");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { level: 1, name: "Calibrations" }).waitFor();
});
