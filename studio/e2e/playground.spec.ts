import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { withUser } from "./harness";
import { type Heard, type Speech, streamed } from "./streamed";
import { seedTraces } from "./traces.data";

// Models speak slowly here, and each picture is checked in both themes.
vi.setConfig({ testTimeout: 180_000 });

const user = withUser();
const NAME = `Playground ${Date.now()}`;
const PROMPT = `playground-prompt-${Date.now()}`;
const LONG = Array.from({ length: 60 }, (_, n) => `word${n} `);

let server: Awaited<ReturnType<typeof streamed>>;
const made: string[] = [];
const models: Record<"swift" | "slow", string> = { swift: "", slow: "" };

/** What the scripted models say: told from who is asked, and what. */
function say({ model, messages }: Heard): Speech {
  const words = messages.map((message) => (typeof message.content === "string" ? message.content : JSON.stringify(message.content))).join("\n");
  if (words.includes("refuse")) return { words: [], everyMs: 0, refuses: 400 };
  if (words.includes("break")) return { words: ["Half ", "an ", "answer"], everyMs: 120, breaks: true };
  if (words.includes("json")) return { words: ['{"parcel": ', '"A1003", "days": 2}'], everyMs: 30 };
  if (model === "slow-model") return { words: LONG, everyMs: 150 };
  return { words: ["It **arrives** ", "in two ", "days. ", ...Array.from({ length: 12 }, () => "Soon. ")], everyMs: 300, finish: words.includes("cut") ? "length" : "stop" };
}

const panel = (letter: string) => user().page.locator(`[data-panel='${letter}']`);
const answer = (letter: string) => panel(letter).getByRole("region", { name: `Answer in panel ${letter}` });
const done = async (letter: string) => { await answer(letter).getByText("Ended by").waitFor(); };
const text = async (place: Locator) => (await place.textContent()) ?? "";
const message = (letter: string, n: number) => panel(letter).getByRole("textbox", { name: `Text of message ${n}` });

async function choose(letter: string, field: string, words: string): Promise<void> {
  const { page } = user();
  await panel(letter).getByRole("combobox", { name: field }).click();
  await page.getByPlaceholder(/^(Find a model|Fill in a prompt)/).last().fill(words);
  await page.getByRole("option", { name: new RegExp(words) }).first().click();
}

beforeAll(async () => {
  server = await streamed(say);
  await user().signIn();
  for (const one of ["swift", "slow"] as const) {
    const { id } = await user().api<{ id: string }>("POST", "/api/v1/models", { name: `${NAME} ${one}`, base_url: server.url, model: `${one}-model`, price: { input_per_million: 1, output_per_million: 2 } });
    models[one] = id;
    made.push(`/api/v1/models/${id}`);
  }
  const { id } = await user().api<{ id: string }>("POST", "/api/v1/prompts", {
    name: PROMPT, prompt: [{ role: "system", content: "You help customers of {{shop}}." }, { type: "placeholder", name: "history" }, { role: "user", content: "{{question}}" }], config: { temperature: 0.4 },
  });
  made.push(`/api/v1/prompts/${id}`);
  await user().api("PUT", `/api/v1/prompts/${id}/labels/production`, { version: 1 });
});
afterAll(async () => {
  server.close();
  for (const path of made) await user().api("DELETE", path);
});

test("a model is talked to from its page, word by word", async () => {
  const { page } = user();
  await user().open(`/models/${models.swift}`);
  await page.getByRole("link", { name: "Talk to it" }).click();
  await message("A", 1).fill("Where is my parcel?");
  await page.keyboard.press("Control+Enter");
  await answer("A").getByText("arrives").waitFor();
  // It is not whole yet.
  await panel("A").getByRole("button", { name: /^Stop\W+Panel A/ }).waitFor();
  expect(await text(answer("A"))).not.toContain("Ended by");
  await user().shot("playground-streaming");
  await done("A");
  await answer("A").locator("strong", { hasText: "arrives" }).waitFor();
  for (const name of ["Time", "First word", "Tokens", "Cost", "Answered by"]) await answer("A").getByText(name, { exact: true }).waitFor();
  await user().shot("playground");
});

test("the answer goes into the conversation, and the conversation into the address", async () => {
  const { page } = user();
  await answer("A").getByRole("button", { name: "Add to the conversation" }).click();
  expect(await message("A", 2).inputValue()).toContain("It **arrives** in two days.");
  await message("A", 3).fill("And the json?");
  await panel("A").getByText("Settings").click();
  await panel("A").getByRole("spinbutton", { name: "Temperature" }).fill("0.5");
  await panel("A").getByRole("button", { name: /^Run( again)?\W+Panel A/ }).click();
  await done("A");
  expect(server.heard.at(-1)).toMatchObject({ temperature: 0.5, messages: [{ role: "user" }, { role: "assistant" }, { role: "user", content: "And the json?" }] });
  await answer("A").getByRole("button", { name: "JSON" }).click();
  await answer("A").getByRole("group", { name: "Answer" }).getByText("A1003").waitFor();
  await page.waitForTimeout(500);
  await page.reload();
  expect(await message("A", 3).inputValue()).toBe("And the json?");
  await answer("A").getByText("A1003").waitFor();
  // Somebody else opens the same address: the conversation is in it, what was answered is not.
  const address = page.url();
  await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("assay.playground")).forEach((key) => sessionStorage.removeItem(key)));
  await page.goto(address);
  expect(await message("A", 3).inputValue()).toBe("And the json?");
  expect(await answer("A").count()).toBe(0);
});

test("two models answer at the same time, and one is stopped", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Start over" }).click();
  await message("A", 1).fill("Where is my parcel?");
  await panel("A").getByRole("button", { name: "Duplicate panel A" }).click();
  await choose("B", "Model", `${NAME} slow`);
  const before = server.cut();
  await page.getByRole("button", { name: /^Run all/ }).click();
  await answer("A").getByText("arrives").waitFor();
  await answer("B").getByText("word2").waitFor();
  expect(await panel("A").getByRole("button", { name: /^Stop\W+Panel A/ }).count()).toBe(1);
  await user().shot("playground-two");
  await panel("B").getByRole("button", { name: /^Stop\W+Panel B/ }).click();
  await answer("B").getByText("stopped").waitFor();
  const said = await text(answer("B"));
  expect(said).not.toContain("word59");
  await done("A");
  // What was said until then stays, and the model is not asked any longer.
  expect((await text(answer("B"))).replaceAll(" ", "")).toBe(said.replaceAll(" ", ""));
  await expect.poll(() => server.cut(), { timeout: 10_000 }).toBeGreaterThan(before);
});

test("answers are compared, and earlier calls are remembered", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("dialog").getByRole("table").waitFor();
  await page.getByRole("dialog").locator("del").first().waitFor();
  await user().shot("playground-compare");
  await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("button", { name: "History" }).click();
  await page.getByRole("dialog").getByText("stopped").waitFor();
  await user().shot("playground-history");
  await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
});

test("a prompt is filled in once for all panels, and what is missing is named", async () => {
  const { page } = user();
  await choose("A", "Prompt", PROMPT);
  await choose("B", "Prompt", PROMPT);
  await panel("B").getByRole("combobox", { name: "Version of the prompt" }).selectOption("1 production");
  await choose("B", "Model", `${NAME} swift`);
  await page.getByRole("textbox", { name: "Value of shop" }).fill("Acme");
  await page.getByRole("button", { name: /^Run all/ }).click();
  const alert = page.getByRole("alert").filter({ hasText: "no value" });
  await alert.waitFor();
  expect(await text(alert)).toContain("question, history");
  await page.getByRole("textbox", { name: "Value of question" }).fill("Where is my parcel?");
  await page.getByRole("textbox", { name: "Messages for history, as JSON" }).fill("[1]");
  await page.getByText("This is not a list of messages yet.").waitFor();
  await page.getByRole("textbox", { name: "Messages for history, as JSON" }).fill('[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]');
  const before = server.heard.length;
  await page.getByRole("button", { name: /^Run all/ }).click();
  await done("A");
  await done("B");
  const asked = server.heard.slice(before);
  expect(asked).toHaveLength(2);
  for (const one of asked) {
    expect(one.temperature).toBe(0.4);
    expect(one.messages.map((message) => message.content)).toEqual(["You help customers of Acme.", "Hi", "Hello", "Where is my parcel?"]);
  }
  await user().shot("playground-variables");
});

test("the changed conversation becomes a version of the prompt", async () => {
  const { page } = user();
  await message("A", 1).fill("You help customers of {{shop}}. Be brief.");
  await panel("A").getByRole("button", { name: "More for panel A" }).click();
  await page.getByRole("menuitem", { name: "Save as a prompt" }).click();
  await page.getByRole("textbox", { name: "What changed" }).fill("Brief");
  await user().shot("playground-save");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(`${PROMPT} is saved as version 2`).waitFor();
  const { data: [saved] } = await user().api<{ data: { version: number; prompt: unknown; config: unknown; commit_message: string }[] }>("GET", `/api/v1/prompts?name=${PROMPT}`);
  expect(saved).toMatchObject({
    version: 2, commit_message: "Brief", config: { model: "swift-model", temperature: 0.4 },
    prompt: [{ role: "system", content: "You help customers of {{shop}}. Be brief." }, { type: "placeholder", name: "history" }, { role: "user", content: "{{question}}" }],
  });
  // From the prompt's page the older version opens.
  await panel("A").getByRole("link", { name: "Open the prompt" }).click();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: /^Version 1/ }).click();
  await page.getByRole("link", { name: "Open version 1 in playground" }).click();
  expect(await message("A", 1).inputValue()).toBe("You help customers of {{shop}}.");
});

test("what is wrong stands at its field, and a model's refusal is told", async () => {
  await user().open(`/playground?model=${models.swift}`);
  await message("A", 1).fill("Please refuse.");
  await panel("A").getByText("Settings").click();
  await panel("A").getByRole("spinbutton", { name: "Temperature" }).fill("9");
  user().expectComplaint(/status of 422/);
  await panel("A").getByRole("button", { name: /^Run( again)?\W+Panel A/ }).click();
  await panel("A").locator("[data-pointer='/temperature'] [role=alert]").waitFor();
  await user().shot("playground-wrong");
  await panel("A").getByRole("spinbutton", { name: "Temperature" }).fill("");
  await panel("A").getByRole("button", { name: /^Run( again)?\W+Panel A/ }).click();
  await answer("A").getByText("The scripted model refuses.").waitFor();
  await message("A", 1).fill("Please break off.");
  await answer("A").getByRole("button", { name: "Try again" }).click();
  // The model's stream ends too early: what it said is kept, and the platform says why it is no answer.
  await answer("A").getByRole("alert").waitFor();
  await answer("A").getByText("Half an answer").waitFor();
});

test("a stream that breaks off keeps what it said, and is tried again", async () => {
  const { page } = user();
  await page.route("**/api/v1/models/*/chat", (route) => route.fulfill({ contentType: "text/event-stream", body: 'event: text\ndata: {"text": "Half an answer"}\n\n' }));
  await message("A", 1).fill("Where is my parcel?");
  await panel("A").getByRole("button", { name: /^Run( again)?\W+Panel A/ }).click();
  await answer("A").getByText("The stream broke off before the answer was whole.").waitFor();
  await answer("A").getByText("Half an answer").waitFor();
  await user().shot("playground-broken");
  await page.unroute("**/api/v1/models/*/chat");
  user().expectComplaint(/ERR_FAILED|Failed to load/);
  await page.route("**/api/v1/models/*/chat", (route) => route.abort());
  await answer("A").getByRole("button", { name: "Try again" }).click();
  await answer("A").getByText("The platform cannot be reached.").waitFor();
  await page.unroute("**/api/v1/models/*/chat");
  await answer("A").getByRole("button", { name: "Try again" }).click();
  await done("A");
});

test("a trace's call of a model is replayed with its messages, pictures and settings", async () => {
  const { page } = user();
  const { trace } = await seedTraces(user(), NAME, 3);
  await user().open(`/traces/${trace}`);
  await page.getByRole("treeitem", { name: /^generation answer/ }).first().click();
  await page.getByRole("link", { name: "Replay in playground" }).click();
  await page.getByText("Replayed from a trace.").waitFor();
  await page.getByText("The workspace has no model called gpt-4o-mini.").waitFor();
  expect(await message("A", 1).inputValue()).toBe("You help customers. Answer in **one** sentence.");
  expect(await panel("A").getByRole("img").count()).toBe(2);
  await panel("A").getByText("lookup_order", { exact: true }).waitFor();
  await panel("A").getByRole("button", { name: /^Run( again)?\W+Panel A/ }).click();
  await panel("A").locator("[data-pointer='/model'] [role=alert]").waitFor();
  await choose("A", "Model", `${NAME} swift`);
  await user().shot("playground-replay");
  await panel("A").getByRole("button", { name: /^Run( again)?\W+Panel A/ }).click();
  await done("A");
  const asked = server.heard.at(-1);
  expect(asked?.temperature).toBe(0.2);
  expect(asked?.messages.map((one) => one.role)).toEqual(["system", "user", "assistant", "tool"]);
  expect(asked?.messages[2]?.tool_calls).toMatchObject([{ function: { name: "lookup_order" } }]);
  const pictures = (asked?.messages[1]?.content as { type: string; image_url?: { url: string } }[]).filter((part) => part.type === "image_url");
  expect(pictures.map((part) => part.image_url?.url.slice(0, 22))).toEqual(["data:image/png;base64,", "data:image/png;base64,"]);
});

test("a case goes into a dataset, and the call into code", async () => {
  const { page } = user();
  const dataset = await user().api<{ id: string }>("POST", "/api/v1/datasets", { name: `${NAME} cases` });
  made.push(`/api/v1/datasets/${dataset.id}`);
  await user().open(`/playground?model=${models.swift}`);
  await message("A", 1).fill("Where is my parcel?");
  await panel("A").getByRole("button", { name: /^Run( again)?\W+Panel A/ }).click();
  await done("A");
  await answer("A").getByRole("button", { name: "Add to a dataset" }).click();
  await page.getByRole("dialog").getByRole("combobox", { name: /^Dataset/ }).click();
  await page.getByRole("option", { name: `${NAME} cases` }).click();
  await user().shot("playground-dataset");
  await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText(`Added to ${NAME} cases`).waitFor();
  const { data } = await user().api<{ data: { input: string; expected_output: string }[] }>("GET", `/api/v1/datasets/${dataset.id}/items`);
  expect(data).toMatchObject([{ input: "Where is my parcel?" }]);
  expect(data[0]?.expected_output).toContain("in two days");
  await panel("A").getByRole("button", { name: "More for panel A" }).click();
  await page.getByRole("menuitem", { name: "As curl or Python" }).click();
  const code = page.getByRole("dialog").getByRole("region", { name: "As curl or Python" });
  expect(await text(code)).toContain(`/api/v1/models/${models.swift}/chat`);
  await page.getByRole("tab", { name: "Python" }).click();
  expect(await text(code)).toContain("urllib.request");
  expect(await text(page.getByRole("dialog"))).not.toContain(process.env.ASSAY_SECRET_KEY ?? "sk-");
  await user().shot("playground-code");
  await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
});

test("on a tablet panels are tabs, and the page speaks Vietnamese", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Add a panel" }).click();
  await page.setViewportSize({ width: 820, height: 1180 });
  await page.getByRole("tab", { name: "Panel B" }).click();
  await panel("B").waitFor();
  expect(await panel("A").count()).toBe(0);
  await user().shot("playground-tablet");
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await page.evaluate(() => localStorage.setItem("assay.language", "vi"));
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Sân thử" }).waitFor();
  await user().shot("playground-vi");
  await page.evaluate(() => localStorage.setItem("assay.language", "en"));
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.reload();
});

test("four panels fit beside each other", async () => {
  const { page } = user();
  await page.getByRole("heading", { level: 1, name: "Playground" }).waitFor();
  while (await page.locator("[data-panel]").count() < 4) await page.getByRole("button", { name: "Add a panel" }).click();
  expect(await page.getByRole("button", { name: "Add a panel" }).isDisabled()).toBe(true);
  await panel("D").waitFor();
  await user().shot("playground-four");
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});
