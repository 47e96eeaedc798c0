import { expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const RUN = `${Date.now()}`;

interface Campaign {
  id: string;
  status: string;
  pass_rate: number | null;
  summary: { total: number; passed: number; failed: number; error: number };
}

test("from signing in to the first scored campaign in under two minutes", async () => {
  const { page } = user();
  const began = Date.now();
  await user().signIn();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("What do you want to do?").fill("step by step");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Evaluate your first agent" }).waitFor();

  // The agent: a command as a README has it.
  const url = `${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`;
  await page.getByRole("textbox", { name: /Paste its URL/ }).fill(`curl ${url} -H 'Content-Type: application/json' -d '{"model": "sample-agent", "messages": [{"role": "user", "content": "Hi"}]}'`);
  await page.getByLabel("Name").fill(`First bot ${RUN}`);
  await page.getByRole("button", { name: "Test it" }).click();
  await page.getByText(/^It answers in/).waitFor();

  // The metrics stay as they are proposed; the cases are typed.
  await page.getByRole("textbox", { name: /A line each/ }).fill("How long do refunds take? => 5 business days\nHow long is the warranty? => 2 years\nWhen are you open?");
  await page.getByText("3 cases").waitFor();
  await page.getByRole("button", { name: "Run it" }).click();
  await page.waitForURL(/\/campaigns\/[\w-]+$/);
  const id = new URL(page.url()).pathname.split("/").pop();

  let campaign: Campaign;
  do campaign = await user().api<Campaign>("GET", `/api/v1/campaigns/${id}`); while (campaign.status !== "completed" && Date.now() - began < 50_000);
  const took = Date.now() - began;
  console.log(`From signing in to the first scored campaign: ${(took / 1000).toFixed(1)} s`);
  expect(took).toBeLessThan(120_000);
  expect(campaign.summary).toMatchObject({ total: 3, error: 0 });
  // One of the deliberate faults of the sample agent is found: it gets the warranty wrong.
  expect(campaign.summary.passed).toBe(2);
});

test("each step says what is missing, and what the agent said", async () => {
  const { page } = user();
  await user().open("/welcome");
  await page.getByText("Test the agent first.").waitFor();
  expect(await page.getByRole("button", { name: "Run it" }).isDisabled()).toBe(true);
  await user().shot("welcome-empty");
  await page.getByRole("textbox", { name: /Paste its URL/ }).fill("hello");
  await page.getByText("This is neither a URL nor a curl command.").waitFor();
  await page.getByRole("textbox", { name: /Paste its URL/ }).fill(`${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`);
  await page.getByLabel("Name").fill(`First bot ${RUN}`);
  await page.getByRole("button", { name: "Test it" }).click();
  await page.getByText(/^It answers in/).waitFor();
  await page.getByRole("button", { name: "Fill in an example" }).click();
  await page.getByText("3 cases").waitFor();
  await page.getByRole("button", { name: "Run it" }).scrollIntoViewIfNeeded();
  await user().shot("welcome");
  // A try stores nothing: the one that was run is the only one.
  const { data } = await user().api<{ data: { id: string; name: string }[] }>("GET", `/api/v1/agents?q=${encodeURIComponent(`First bot ${RUN}`)}`);
  expect(data.map((one) => one.name)).toEqual([`First bot ${RUN}`]);
  // The same name is made free by a number.
  await page.getByRole("button", { name: "Run it" }).click();
  await page.waitForURL(/\/campaigns\/[\w-]+$/);
  const both = await user().api<{ data: { id: string; name: string }[] }>("GET", `/api/v1/agents?q=${encodeURIComponent(`First bot ${RUN}`)}`);
  expect(both.data.map((one) => one.name).sort()).toEqual([`First bot ${RUN}`, `First bot ${RUN} 2`]);
  for (const { id } of both.data) await user().api("DELETE", `/api/v1/agents/${id}`);
});
