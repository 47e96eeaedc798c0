import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `alert-${Date.now().toString(36)}`;
let hook: Server;

/** Traces that fail too often, and somebody to tell. A platform may refuse addresses like that; it says so then. */
beforeAll(async () => {
  await user().signIn();
  hook = createServer((request, response) => request.resume().on("end", () => response.end("ok"))).listen(0, "127.0.0.1");
  const start = Date.now() - 120_000;
  const at = (n: number) => new Date(start + n * 1000).toISOString();
  await user().api("POST", "/api/v1/ingest", {
    traces: Array.from({ length: 20 }, (_, n) => ({ id: `${NAME}-${n}`, name: NAME, timestamp: at(n), input: "Hi", output: "Hello" })),
    observations: Array.from({ length: 20 }, (_, n) => ({ id: `${NAME}-${n}-a`, trace_id: `${NAME}-${n}`, type: "TOOL", name: "call", level: n % 2 === 0 ? "ERROR" : "DEFAULT", start_time: at(n), end_time: at(n + 1) })),
  });
});
afterAll(async () => {
  hook.close();
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/alerts?name=${NAME}`);
  for (const { id } of data) await user().api("DELETE", `/api/v1/alerts/${id}`);
  await user().api("DELETE", "/api/public/traces", { traceIds: Array.from({ length: 20 }, (_, n) => `${NAME}-${n}`) });
});

test("an alert is made", async () => {
  const { page } = user();
  await user().open("/alerts");
  await page.getByRole("link", { name: "New alert" }).first().click();
  await page.getByRole("textbox", { name: /^Name/ }).first().fill(NAME);
  await page.getByLabel("Severity").selectOption("critical");
  await page.locator("[data-pointer='/window_minutes'] input").fill("60");
  await page.getByRole("button", { name: "Add condition" }).click();
  await page.getByLabel("Value", { exact: true }).fill(NAME);
  await page.locator("[data-pointer='/condition/value'] input").fill("0.1");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator("[data-pointer^='/channels'] [role=alert]").first().waitFor();
  await page.locator("[data-pointer='/channels/0/url'] input").fill(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/told`);
  await user().shot("alert-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
});

test("its channels are tried, and what is watched is drawn", async () => {
  const { page } = user();
  await page.getByRole("img", { name: "What is watched, over time" }).locator("canvas").waitFor();
  await page.getByRole("button", { name: "Try the channels" }).click();
  await page.getByText("It would fire now.").waitFor();
  await page.getByText(/^(Sent|Refused)$/).first().waitFor();
  await user().shot("alert");
});

test("the list tells where each stands", async () => {
  const { page } = user();
  await user().open(`/alerts?q=${NAME}`);
  await page.getByRole("link", { name: NAME }).waitFor();
  await page.getByRole("cell", { name: /^(OK|Firing|No values|Not looked at yet)$/ }).waitFor();
  await user().shot("alerts");
});
