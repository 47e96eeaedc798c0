import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `sum-${Date.now().toString(36)}`;
const DAY = 86_400_000;

/** A week of traces that go well, and a day on which one of two releases does not. */
beforeAll(async () => {
  await user().signIn();
  const traces = Array.from({ length: 120 }, (_, n) => {
    const start = Date.now() - 3_600_000 - Math.floor(n / 10) * DAY;
    const release = n % 2 === 0 ? "r1" : "r2";
    const bad = n < 40 && release === "r2";
    return { id: `${NAME}-${n}`, start, release, bad, took: bad ? 4000 : 800 + (n % 7) * 60 };
  });
  await user().api("POST", "/api/v1/ingest", {
    traces: traces.map((one) => ({ id: one.id, name: NAME, timestamp: new Date(one.start).toISOString(), release: one.release, environment: NAME, input: "Question", output: "Answer" })),
    observations: traces.map((one) => ({
      id: `${one.id}-a`, trace_id: one.id, type: "GENERATION", name: "reply", model: one.release === "r1" ? "gpt-4o-mini" : "gpt-4o", level: one.bad ? "ERROR" : "DEFAULT",
      start_time: new Date(one.start).toISOString(), end_time: new Date(one.start + one.took).toISOString(), usage: { input: 200, output: 80 }, cost_usd: one.bad ? 0.004 : 0.001,
    })),
    scores: traces.map((one) => ({ trace_id: one.id, name: `${NAME} quality`, value: one.bad ? 0.4 : 0.9, data_type: "NUMERIC", source: "EVAL", timestamp: new Date(one.start).toISOString() })),
  });
});
afterAll(async () => {
  await user().api("DELETE", "/api/public/traces", { traceIds: Array.from({ length: 120 }, (_, n) => `${NAME}-${n}`) });
});

test("quality, cost, latency and volume are split by release", async () => {
  const { page } = user();
  await user().open("/analytics");
  await page.getByRole("img", { name: "Traces" }).locator("canvas").waitFor();
  await page.getByLabel("Split by").selectOption("release");
  await page.getByLabel("Score", { exact: true }).selectOption(`${NAME} quality`);
  await page.getByRole("img", { name: "Quality" }).getByText("r2").waitFor();
  expect(new URL(page.url()).searchParams.get("by")).toBe("release");
  await user().shot("analytics");
});

test("a question of one's own is answered as a chart and as rows", async () => {
  const { page } = user();
  await user().open(`/analytics?tab=explore&view=observations&measure=totalCost&aggregation=sum&dimension=providedModelName&time=0`);
  await page.getByRole("cell", { name: "gpt-4o", exact: true }).waitFor();
  await page.getByLabel("Time", { exact: true }).selectOption({ label: "Over time" });
  await page.getByRole("img", { name: "Cost, Sum" }).locator("canvas").waitFor();
  await user().shot("analytics-explore");
});

test("home tells what got worse since last week", async () => {
  const { page } = user();
  await user().open("/");
  await page.getByRole("heading", { name: "What got worse" }).waitFor();
  await page.getByText(`${NAME} quality`).waitFor();
  await user().shot("home");
  await page.setViewportSize({ width: 768, height: 1024 });
  await user().shot("home-tablet");
});
