import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const RUN = `${Date.now()}`;

interface Page<T> {
  data: T[];
}
interface Policy {
  redaction: unknown;
  retention_days: number | null;
  sampling_rate: number;
}
let before: Policy | null = null;

beforeAll(async () => {
  await user().signIn();
  const { redaction, retention_days, sampling_rate } = await user().api<Policy>("GET", "/api/v1/ingest/policy");
  before = { redaction, retention_days, sampling_rate };
});
afterAll(async () => {
  if (before) await user().api("PUT", "/api/v1/ingest/policy", before);
  const remove = async (kind: string, found: (one: { name: string }) => boolean) => {
    const { data } = await user().api<Page<{ id: string; name: string }>>("GET", `/api/v1/${kind}?limit=200`);
    for (const one of data.filter(found)) await user().api("DELETE", `/api/v1/${kind}/${one.id}`);
  };
  await remove("api-keys", (one) => one.name.includes(RUN));
  await remove("service-accounts", (one) => one.name.includes(RUN));
  await remove("ingest/destinations", (one) => one.name.includes(RUN));
});

test("a key is made; its secret is shown once, and works", async () => {
  const { page } = user();
  await user().open("/settings/keys");
  await page.getByRole("table", { name: "Keys" }).waitFor();
  await user().shot("settings-keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(`CI ${RUN}`);
  await page.getByRole("dialog").getByLabel("Role").selectOption("viewer");
  await page.getByRole("button", { name: "Create" }).click();
  const shown = page.getByRole("dialog", { name: "The key and its secret" });
  await shown.waitFor();
  const [publicKey, secret] = await shown.locator("code").allTextContents();
  expect(secret).toMatch(/^sk-/);
  await user().shot("settings-key-secret");
  const pair = Buffer.from(`${publicKey}:${secret}`).toString("base64");
  const response = await user().context.request.get(new URL("/api/v1/me", process.env.ASSAY_URL).href, { headers: { authorization: `Basic ${pair}` } });
  expect(response.status()).toBe(200);
  await shown.getByRole("button", { name: "I have copied it" }).click();
  await page.getByText(`CI ${RUN}`).waitFor();
  await page.getByRole("button", { name: `What can be done with CI ${RUN}` }).click();
  await page.getByRole("menuitem", { name: "New secret" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "New secret" }).click();
  await page.getByRole("button", { name: "I have copied it" }).click();
  expect((await user().context.request.get(new URL("/api/v1/me", process.env.ASSAY_URL).href, { headers: { authorization: `Basic ${pair}` } })).status()).toBe(401);
  await page.getByRole("button", { name: `What can be done with CI ${RUN}` }).click();
  await page.getByRole("menuitem", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText(`CI ${RUN} was revoked`).waitFor();
});

test("a service account is switched off and on again", async () => {
  const { page } = user();
  await user().open("/settings/keys?tab=accounts");
  await page.getByRole("button", { name: "New service account" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill(`Pipeline ${RUN}`);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText(`Pipeline ${RUN}`).waitFor();
  await page.getByRole("button", { name: `What can be done with Pipeline ${RUN}` }).click();
  await page.getByRole("menuitem", { name: "Switch off" }).click();
  await page.getByText("Switched off", { exact: true }).waitFor();
  await user().shot("settings-accounts");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(`Pipeline ${RUN} is on`).waitFor();
});

test("somebody is invited, and roles say who may what", async () => {
  const { page } = user();
  await user().open("/settings/team");
  await user().shot("settings-team");
  await page.getByRole("button", { name: "Invite somebody" }).first().click();
  await page.getByLabel("Email", { exact: false }).last().fill(`ann-${RUN}@example.com`);
  await page.getByRole("button", { name: "Make the invitation" }).click();
  const link = page.getByRole("dialog", { name: `The invitation of ann-${RUN}@example.com` });
  expect(await link.locator("code").textContent()).toContain("#token=");
  await link.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("button", { name: `Revoke ann-${RUN}@example.com` }).click();
  await page.getByText(`The invitation to ann-${RUN}@example.com was revoked`).waitFor();
  await page.getByRole("tab", { name: "Roles" }).click();
  await page.getByRole("button", { name: "New role" }).click();
  const sheet = page.getByRole("dialog", { name: "New role" });
  await sheet.getByLabel("Name").fill(`Auditor ${RUN}`);
  await sheet.getByLabel("Read the audit log").check();
  await sheet.getByRole("button", { name: "Create" }).click();
  await page.getByRole("columnheader", { name: new RegExp(`Auditor ${RUN}`) }).waitFor();
  await user().shot("settings-roles");
  await page.getByRole("button", { name: `Delete Auditor ${RUN}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText(`Auditor ${RUN} was deleted`).waitFor();
});

test("the policy takes out personal data, and complaints stand at their field", async () => {
  const { page } = user();
  // Whatever another run has left, the policy is one without rules here.
  await user().api("PUT", "/api/v1/ingest/policy", {});
  await user().open("/settings/ingestion");
  await page.getByRole("button", { name: "Add what is common" }).click();
  await page.getByLabel("Days that traces are kept").fill("365");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("Finds").last().selectOption("pattern");
  await page.getByRole("textbox", { name: "Name" }).last().fill(`order-${RUN.slice(-6)}`);
  await page.getByLabel("Regular expression").last().fill("(");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("[data-pointer$='/kind/pattern'] [role=alert]").waitFor();
  await user().shot("settings-ingestion");
  await page.getByLabel("Regular expression").last().fill("ORD-[0-9]{6}");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved: it acts within seconds").waitFor();
  const policy = await user().api<{ retention_days: number }>("GET", "/api/v1/ingest/policy");
  expect(policy.retention_days).toBe(365);
});

test("a destination is added, tried and deleted", async () => {
  const { page } = user();
  await user().open("/settings/destinations");
  await page.getByRole("button", { name: "New destination" }).first().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("Name").fill(`Elsewhere ${RUN}`);
  await sheet.getByLabel("Public key").fill("pk-lf-1");
  await sheet.getByLabel("Secret", { exact: false }).fill("sk-lf-1");
  await sheet.getByLabel("URL").fill("https://nowhere.invalid");
  await sheet.getByLabel("Traces are sent", { exact: true }).uncheck();
  await sheet.getByRole("button", { name: "Create" }).click();
  const card = page.getByRole("region", { name: `Elsewhere ${RUN}` });
  await card.getByRole("button", { name: "Test" }).click();
  await card.getByText(/It did not take the span/).waitFor();
  await user().shot("settings-destinations");
  await card.getByRole("button", { name: /What can be done/ }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText(`Elsewhere ${RUN} was deleted`).waitFor();
});

test("the workspace has a name", async () => {
  await user().open("/settings/workspace");
  await user().page.getByLabel("Name").waitFor();
  await user().shot("settings-workspace");
});

test("the audit log says who did what", async () => {
  const { page } = user();
  await user().open("/settings/audit?action=api_key.create");
  await page.getByRole("table", { name: "Audit log" }).waitFor();
  await user().shot("settings-audit");
  await page.getByRole("button", { name: "api_key.create" }).first().click();
  await page.getByRole("dialog").getByText("Detail").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "As CSV" }).click();
  expect((await download).suggestedFilename()).toBe("audit-log.csv");
});
