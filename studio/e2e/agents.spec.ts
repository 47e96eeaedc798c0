import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
/** Markup that would tell of itself in the console, were it ever more than text. */
const CANARY = "<img src=x onerror=console.error('canary')><script>console.error('canary')</script>";
const NAME = `Browser test ${Date.now()}`;

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/agents?name=${encodeURIComponent(NAME)}`);
  for (const { id } of data) await user().api("DELETE", `/api/v1/agents/${id}`);
});

test("an agent is made of a curl command, and what the server says stands at the field", async () => {
  const { page } = user();
  await user().open("/agents/new");
  await page.getByLabel("Paste a URL or a curl command").fill(
    `curl ${process.env.ASSAY_URL}/sample-agent/v1/chat/completions -H 'Authorization: Bearer x' -d '{"model":"sample","messages":[{"role":"user","content":"Hi"}]}'`,
  );
  expect(await page.getByLabel("Model").inputValue()).toBe("sample");
  await page.getByLabel("Name", { exact: false }).first().fill(" ");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Create" }).click();
  const name = page.getByRole("textbox", { name: /^Name/ });
  await page.locator("[data-pointer='/name'] [role=alert]").waitFor();
  expect(await name.getAttribute("aria-invalid")).toBe("true");
  await user().shot("agent-new");
  // It is tried as it stands here, whatever it will be called, and nothing is stored by it.
  await page.getByRole("button", { name: "Test it" }).click();
  await page.getByText(/^(It answers|It does not answer)$/).waitFor();
  await user().shot("agent-new-tried");
  await name.fill(NAME);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
});

test("it is tried by a real call", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/^(It answers|It does not answer)$/).waitFor();
  await user().shot("agent-try");
});

test("a change makes a version that can be compared", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("System prompt").fill("Answer in one sentence.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 2").waitFor();
  await user().shot("agent");
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByText("Answer in one sentence.").waitFor();
  expect(new URL(page.url()).searchParams.get("tab")).toBe("versions");
  await user().shot("agent-versions");
});

test("tools and MCP servers are offered to it, and what is wrong stands at their fields", async () => {
  const { page } = user();
  const id = new URL(page.url()).pathname.split("/").pop() ?? "";
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Add a tool" }).click();
  const first = page.getByRole("region", { name: "Tool 1" });
  await first.getByLabel("When it is called").selectOption("http");
  await first.getByLabel("URL").fill("no address");
  await first.getByRole("button", { name: "Add", exact: true }).click();
  await first.getByLabel("Name 1").fill("Authorization");
  await first.getByLabel("Value 1").fill("plain text");
  await page.getByRole("button", { name: "Add a server" }).click();
  await page.getByRole("region", { name: "Server 1" }).getByLabel("The server's address").fill("https://tools.example.com/mcp");
  user().expectComplaint(/status of 422/);
  await page.getByRole("button", { name: "Save" }).click();
  for (const pointer of ["/tools/0/name", "/tools/0/does/url"]) await page.locator(`[data-pointer='${pointer}'] > [role=alert]`).waitFor();
  // A secret in the open is refused, at its own row.
  expect(await first.getByLabel("Value 1").getAttribute("aria-invalid")).toBe("true");
  await user().shot("agent-tools");
  await first.getByLabel("Name", { exact: false }).first().fill("find_order");
  const named = page.getByRole("region", { name: "find_order" });
  await named.getByLabel("When it is called").selectOption("mock");
  await named.getByLabel("Answer as").selectOption("json");
  await named.getByRole("textbox", { name: "Answer" }).fill('{"status":"shipped"}');
  await named.getByRole("textbox", { name: "Parameters" }).fill('{"type":"object","properties":{"order":{"type":"string"}}}');
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 3").waitFor();
  const saved = await user().api<{ tools: unknown[]; mcp_servers: { url: string }[] }>("GET", `/api/v1/agents/${id}`);
  expect(saved.tools).toEqual([{ name: "find_order", parameters: { type: "object", properties: { order: { type: "string" } } }, does: { type: "mock", output: { status: "shipped" } } }]);
  expect(saved.mcp_servers[0]?.url).toBe("https://tools.example.com/mcp");
  await page.getByRole("button", { name: "Remove https://tools.example.com/mcp" }).click();
  await page.getByLabel("Protocol").selectOption("a2a");
  await page.getByLabel("Version of A2A").selectOption("1.0");
  await page.getByText("An agent of this protocol runs its tools itself.").waitFor();
  await page.getByRole("button", { name: "Discard changes" }).click();
});

test("who was slower is told, and shown what the other saved", async () => {
  const { page } = user();
  const id = new URL(page.url()).pathname.split("/").pop() ?? "";
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("Description").fill("Mine");
  await user().api("PATCH", `/api/v1/agents/${id}`, { description: CANARY });
  user().expectComplaint(/status of 412/);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Somebody else has changed this").waitFor();
  await user().shot("agent-conflict");
  await page.getByRole("button", { name: "Load it" }).click();
  await expect.poll(() => page.getByLabel("Description").inputValue()).toBe(CANARY);
});

test("deleting can be undone", async () => {
  const { page } = user();
  await user().open(`/agents?q=${encodeURIComponent(NAME)}`);
  await page.getByRole("link", { name: NAME }).waitFor();
  await page.getByRole("checkbox", { name: `Select ${NAME}` }).check();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Nothing matches").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: NAME }).waitFor();
});

test("what was deleted is listed, with who did it, and brought back", async () => {
  const { page } = user();
  await page.getByRole("checkbox", { name: `Select ${NAME}` }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Nothing matches").waitFor();
  await page.getByRole("button", { name: "Trash" }).click();
  await page.waitForURL(/deleted=only/);
  await page.getByRole("row", { name: new RegExp(NAME) }).getByText(/\(you\)/).waitFor();
  await user().shot("agents-deleted");
  await page.getByRole("button", { name: `Restore ${NAME}` }).click();
  await page.getByText("1 restored").first().waitFor();
  await page.getByRole("button", { name: `Restore ${NAME}` }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Trash" }).click();
  await page.getByRole("link", { name: NAME }).waitFor();
});

test("the list", async () => {
  const { page } = user();
  await user().open("/agents");
  await page.getByRole("table").waitFor();
  await page.getByText(CANARY).waitFor();
  await user().shot("agents");
  await page.setViewportSize({ width: 820, height: 1100 });
  await user().shot("agents-tablet");
});
